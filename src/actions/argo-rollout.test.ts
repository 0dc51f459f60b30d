import { afterEach, beforeEach, expect, test } from 'vitest'
import { pausedRollout, type ShopWorld, shopWorld } from './parts/cluster.fixture.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let world: ShopWorld
beforeEach(async () => {
  world = await shopWorld({ rollout: 'api' })
  world.api.cluster.put(pausedRollout)
})
afterEach(() => world.end())

const act = (what: string, step: string): Promise<ActionEnd> =>
  runActionProcess(
    'argo-rollout',
    'run',
    { ...world.config, do: what },
    { ...world, env: { ...world.env, HOLDPOINT_ATTEMPT: `r-1/go/${step}/1` } },
  )
const status = (): unknown => world.api.cluster.peek('Rollout', 'api')?.['status']

test('each step goes on by one pause, however often it is tried, and the last to the end', async () => {
  expect((await act('promote', 'one')).stdout).toContain('api goes on from step 1; rollout/api is Paused at step 3')
  expect((await act('promote', 'one')).stdout).toContain('promote was done already')
  expect(status()).toMatchObject({ currentStepIndex: 3, canary: { weights: { canary: { weight: 25 } } } })
  expect(await act('promote', 'two')).toMatchObject({ exitCode: 0, captured: { step: '5' } })
  expect(status()).toMatchObject({ phase: 'Healthy' })
  expect((await act('promote', 'three')).stderr).toContain('api stands at no pause: rollout/api is Healthy')
})

test('it goes past all steps, or back to the stable version, after which nothing is promoted', async () => {
  const back = await act('abort', 'one')
  expect(back.stdout).toContain('api goes back to the stable version')
  expect(status()).toMatchObject({ abort: true, canary: { weights: { canary: { weight: 0 } } } })
  expect((await act('promote-full', 'two')).stderr).toContain('api was aborted, and has nothing to promote')
  world.api.cluster.put(pausedRollout)
  expect((await act('promote-full', 'two')).stdout).toContain('api goes past all its steps; rollout/api is Healthy')
})
