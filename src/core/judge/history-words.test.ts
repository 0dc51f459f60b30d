import { expect, test } from 'vitest'
import { batch, noData, ratio } from './build.fixture.ts'
import { historyWords } from './history-words.ts'
import type { ArmSample, SampleBatch } from './verdict.ts'

function past(n: number, samples: Readonly<Record<string, ArmSample>>): SampleBatch {
  const both = Object.entries(samples).map(([metric, sample]) => ({ metric, canary: sample, stable: sample }))
  return { ...batch(n, noData), history: true, samples: both }
}

test('what was read is counted, metrics with as much of it together', () => {
  const two = [1, 2].map((n) => past(n, { errors: ratio(1, 100), latency: ratio(1, 100) }))
  expect(historyWords(two)).toBe('history of errors, latency: 2 intervals')
  expect(historyWords([...two, past(3, { errors: ratio(1, 100) })])).toBe(
    'history of errors: 3 intervals; history of latency: 2 intervals',
  )
})

test('what could not be read has its reason, once for all metrics that share it', () => {
  expect(historyWords([past(1, { errors: noData, latency: noData })])).toBe(
    'no history of errors, latency: the source does not answer',
  )
  expect(historyWords([past(1, { errors: ratio(1, 100), latency: noData })])).toBe(
    'history of errors: 1 interval; no history of latency: the source does not answer',
  )
})

test('one interval without an answer does not make a metric unknown', () => {
  expect(historyWords([past(1, { errors: ratio(1, 100) }), past(2, { errors: noData })])).toBe(
    'history of errors: 1 interval',
  )
})

test('without the time before there is nothing to say', () => {
  expect(historyWords([batch(1, ratio(1, 100))])).toBeUndefined()
  expect(historyWords([past(1, {})])).toBe('no history: nothing was answered')
})
