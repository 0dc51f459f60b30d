/** Samples over the API: whoever digests them gets every number, also those that JSON has no form for. */
import { afterEach, expect, test } from 'vitest'
import { phase, plan, rollout, stage, step } from '../../test/support/plan-builder.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import { batchFromLine, measurementsDigest } from '../core/log/measurements.ts'
import { startBody, type World, world } from './test-support/world.ts'

let at: World
afterEach(() => at.end())

const batch: SampleBatch = {
  step: 'r',
  stage: 0,
  from: 1000,
  to: 2000,
  samples: [
    {
      metric: 'latency',
      canary: { kind: 'histogram', le: [0.1, Number.POSITIVE_INFINITY], counts: [3, 4] },
      stable: { kind: 'gauge', value: Number.NaN },
    },
  ],
  weights: [],
}

async function released(): Promise<string> {
  const shop = { ...plan([phase('p', [step('r', rollout([stage(5)]))])]), digest: 'c'.repeat(64) }
  at = world(shop)
  const answer = await at.request('POST', '/v1/releases', { ...startBody(shop), environment: 'production' })
  const { release } = (await answer.json()) as { release: string }
  await at.store.putBatch(release, batch)
  return release
}

test('exact samples have the digest that the record has', async () => {
  const release = await released()
  const answer = await at.request('GET', `/v1/releases/${release}/measurements?exact=true`)
  const [only] = (await answer.json()) as readonly unknown[]
  const read = batchFromLine(JSON.stringify(only))
  expect(read).toEqual(batch)
  expect(measurementsDigest([read])).toBe(measurementsDigest([batch]))
})

test('without it such a number is null, as JSON has it', async () => {
  const release = await released()
  const answer = await at.request('GET', `/v1/releases/${release}/measurements`)
  expect(await answer.json()).toMatchObject([{ samples: [{ canary: { le: [0.1, null] }, stable: { value: null } }] }])
})
