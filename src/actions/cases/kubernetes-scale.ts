/** What the contract asks of `kubernetes-scale`: a workload of two pods. */
import type { ActionCases } from '../actions.contract.ts'
import { type ShopWorld, shopWorld, workload } from '../parts/cluster.fixture.ts'

export const cases: ActionCases = {
  world: () => shopWorld({ workload: 'deploy/api', replicas: 4 }),
  broken: [
    { name: 'there is no such workload', config: { workload: 'deployment/web' }, says: 'there is no deployment/web' },
    {
      name: 'it has as many pods as nodes',
      config: { workload: 'daemonset/logs' },
      spoil: (world) => (world as ShopWorld).api.cluster.put(workload('DaemonSet', 'logs', 'logs:1')),
      says: 'a DaemonSet has no number of pods that could be set',
    },
    { name: 'nobody answers', config: { server: 'http://127.0.0.1:1' }, says: '127.0.0.1' },
  ],
}
