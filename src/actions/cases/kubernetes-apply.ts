/** What the contract asks of `kubernetes-apply`: a cluster where one of two objects is there already. */
import type { ActionCases } from '../actions.contract.ts'
import { type ShopWorld, shopWorld, workload } from '../parts/cluster.fixture.ts'

const deployment = (name: string, image: string): string =>
  JSON.stringify({ ...workload('Deployment', name, image), metadata: { name } })
const map = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'limits' }, data: { most: '9' } })

const spoil = (use: (world: ShopWorld) => void) => (world: unknown) => use(world as ShopWorld)

export const cases: ActionCases = {
  world: async () => {
    const world = await shopWorld({ path: '*.yaml', values: { TAG: '{{ version }}' } })
    world.file('shop.yaml', `${map}\n---\n${deployment('web', 'shop/web:${TAG}')}\n`)
    return world
  },
  broken: [
    { name: 'there is no file', config: { path: 'gone.yaml' }, says: 'there is no file gone.yaml' },
    {
      name: 'one of the objects is not accepted',
      spoil: spoil(({ file }) => file('web.yaml', deployment('worker', ''))),
      says: 'web.yaml:1 Deployment/worker: the cluster does not accept it',
    },
    {
      name: 'a field is misspelt',
      spoil: spoil(({ file }) => file('web.yaml', deployment('worker', 'w:1').replace('replicas', 'replcas'))),
      says: 'unknown field "spec.replcas"',
    },
    {
      name: 'somebody else owns a field',
      spoil: spoil(({ file }) => file('web.yaml', deployment('api', 'shop/api:2'))),
      says: 'conflict with "kubectl-create"',
    },
    {
      name: 'the cluster does not have the kind',
      spoil: spoil(({ file }) => file('x.yaml', '{ apiVersion: example.com/v1, kind: Shop, metadata: { name: a } }')),
      says: 'the cluster has no kind Shop of example.com/v1',
    },
    { name: 'the namespace is not there', config: { namespace: 'shpo' }, says: 'namespaces "shpo" not found' },
    {
      name: 'the token may not change anything',
      spoil: spoil(({ api }) => api.deny('patch', 'deployments')),
      says: 'cannot patch resource "deployments"',
    },
    { name: 'nobody answers', config: { server: 'http://127.0.0.1:1' }, says: '127.0.0.1' },
  ],
}
