/** What the contract asks of `kubernetes-delete`: a session that is there. */
import type { ActionCases } from '../actions.contract.ts'
import { session, type ShopWorld, shopWorld } from '../parts/cluster.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const world = await shopWorld({ resource: 'sessions.stream.example.com/test' })
    world.api.cluster.put(session('test', 'Running'))
    return world
  },
  broken: [
    { name: 'the namespace is another', config: { namespace: 'shpo' }, says: 'there is no namespace shpo' },
    { name: 'the kind is not there', config: { resource: 'sesion.stream.example.com/test' }, says: 'has no sesion' },
    { name: 'it names no object', config: { resource: 'pods' }, says: 'a type and a name' },
    {
      name: 'the token may not delete it',
      spoil: (world) => (world as ShopWorld).api.deny('delete', 'sessions'),
      says: 'cannot delete resource "sessions"',
    },
  ],
}
