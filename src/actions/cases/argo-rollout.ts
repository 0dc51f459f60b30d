/** What the contract asks of `argo-rollout`: a Rollout that stands at its first pause. */
import type { ActionCases } from '../actions.contract.ts'
import { pausedRollout, type ShopWorld, shopWorld } from '../parts/cluster.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const world = await shopWorld({ rollout: 'api', do: 'promote' })
    world.api.cluster.put(pausedRollout)
    return world
  },
  broken: [
    { name: 'there is no such Rollout', config: { rollout: 'web' }, says: 'there is no rollouts.argoproj.io/web' },
    {
      name: 'it stands at no pause',
      spoil: (world) =>
        (world as ShopWorld).api.cluster.edit('Rollout', 'api', (object) => {
          object['status'] = { currentStepIndex: 3, phase: 'Healthy', observedGeneration: '1' }
        }),
      says: 'api stands at no pause',
    },
    {
      name: 'the token may not change it',
      spoil: (world) => (world as ShopWorld).api.deny('patch', 'rollouts'),
      says: 'cannot patch resource "rollouts"',
    },
  ],
}
