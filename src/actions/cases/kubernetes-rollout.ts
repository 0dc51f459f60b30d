/** What the contract asks of `kubernetes-rollout`: a workload that runs the version before. */
import type { ActionCases } from '../actions.contract.ts'
import { type ShopWorld, shopWorld } from '../parts/cluster.fixture.ts'

export const cases: ActionCases = {
  world: () => shopWorld({ workload: 'deployment/api', image: 'shop/api:{{ version }}' }),
  broken: [
    { name: 'there is no such workload', config: { workload: 'deployment/web' }, says: 'there is no deployment/web' },
    { name: 'it has no such container', config: { image: { web: 'x:1' } }, says: 'it has no container web, only api' },
    {
      name: 'the token may not change it',
      spoil: (world) => (world as ShopWorld).api.deny('patch', 'deployments'),
      says: 'cannot patch resource "deployments"',
    },
    { name: 'nobody answers', config: { server: 'http://127.0.0.1:1' }, says: '127.0.0.1' },
  ],
}
