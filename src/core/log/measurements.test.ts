/** Batches survive their byte form, infinities included. */
import { expect, test } from 'vitest'
import type { SampleBatch } from '../judge/verdict.ts'
import { batchFromLine, batchLine, measurementsDigest } from './measurements.ts'

const batch: SampleBatch = {
  step: 'rollout',
  stage: 0,
  from: 0,
  to: 1000,
  samples: [
    {
      metric: 'latency',
      canary: { kind: 'histogram', le: [0.1, Infinity], counts: [1, 2] },
      stable: { kind: 'no-data', why: 'down' },
    },
    { metric: 'heap', canary: { kind: 'gauge', value: NaN }, stable: { kind: 'gauge', value: -Infinity } },
  ],
  weights: [{ component: 'web', percent: null, ok: false, say: 'unreadable' }],
}

test('a histogram with an infinite bucket is read back as it was', () => {
  expect(batchFromLine(batchLine(batch))).toEqual(batch)
})

test('the digest is that of the exported lines', async () => {
  const { createHash } = await import('node:crypto')
  const lines = `${batchLine(batch)}\n${batchLine({ ...batch, to: 2000 })}\n`
  expect(measurementsDigest([batch, { ...batch, to: 2000 }])).toBe(createHash('sha256').update(lines).digest('hex'))
})
