import { expect, test } from 'vitest'
import { zeroQuestion } from './promql-zero.ts'

test('asks whether the labels that a query filters by are ever set, in the same arm', () => {
  expect(zeroQuestion('rate(http_requests_total{code=~"5..",version="2.0"}[1m])', { version: '2.0' })).toBe(
    'count(http_requests_total{code!="",version="2.0"})',
  )
})

test('a label value may hold anything', () => {
  expect(zeroQuestion(`sum(increase(x{path="a\\"},b",le='}'}[5m]))`, {})).toBeNull()
  expect(zeroQuestion('sum(increase(x{path="a\\",b"}[5m]))', {})).toBe('count(x{path!=""})')
})

test('a query without a filter, or with several selectors, has no such question', () => {
  expect(zeroQuestion('rate(errors_total[1m])', {})).toBeNull()
  expect(zeroQuestion('rate(a{x="1"}[1m]) + rate(b{x="1"}[1m])', {})).toBeNull()
})
