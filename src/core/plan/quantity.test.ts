import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'
import { holds, parseLimit, parseLimits, parseRelativeLimits } from './limit.ts'
import { parsePattern, quotePattern } from './pattern.ts'
import { parseDistance, parseQuantity, parseRate, parseWeight } from './quantity.ts'
import { editDistance, nearest } from './nearest.ts'

function value<T>(parsed: { ok: true; value: T } | { ok: false; expected: string }): T | string {
  return parsed.ok ? parsed.value : parsed.expected
}

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => expect(value(parseDuration(text))).toBe(ms))
  test.each([['15'], ['m'], ['-5m'], ['5 m'], ['1e3s'], [''], ['99999999999d'], ['5min']])('%s is refused', (text) =>
    expect(parseDuration(text).ok).toBe(false),
  )
  test('the shortest form reads back as the same duration', () => {
    for (const ms of [0, 1, 999, 90_000, 5_400_000, 172_800_001])
      expect(value(parseDuration(formatDuration(ms)))).toBe(ms)
  })
})

describe('quantities', () => {
  test('traffic is requests per second, of a second, a minute or an hour', () => {
    expect(value(parseRate('200/s'))).toBe(200)
    expect(value(parseRate('90 /m'))).toBe(1.5)
    expect(value(parseRate('3600/h'))).toBe(1)
    for (const text of ['200', '0/s', '-1/s', '5/d', '/s', '5%/s', '']) expect(parseRate(text).ok).toBe(false)
  })
  test('percentages are ratios, durations are seconds, numbers stay plain', () => {
    expect(value(parseQuantity('0.1%'))).toEqual({ value: 0.001, unit: 'ratio' })
    expect(value(parseQuantity('250ms'))).toEqual({ value: 0.25, unit: 'seconds' })
    expect(value(parseQuantity('40'))).toEqual({ value: 40, unit: 'plain' })
    for (const bad of ['', 'NaN', 'Infinity', '1e999', '%', 'five', '0x10']) expect(parseQuantity(bad).ok).toBe(false)
  })
  test('distances are relative or in points', () => {
    expect(value(parseDistance('+20%'))).toEqual({ relative: 0.2, points: null })
    expect(value(parseDistance('+0.5pp'))).toEqual({ relative: null, points: 0.005 })
    expect(parseDistance('20').ok).toBe(false)
  })
  test('weights lie between 0 and 100', () => {
    expect(value(parseWeight('5%'))).toBe(5)
    expect(value(parseWeight('12.5'))).toBe(12.5)
    expect(parseWeight('101%').ok).toBe(false)
    expect(parseWeight('-1').ok).toBe(false)
  })
})

describe('limits', () => {
  test('a comparator keeps its words, its quantile and its unit', () => {
    expect(value(parseLimit('p95 < 2s'))).toEqual({
      limit: { quantile: 0.95, operator: '<', value: 2, text: 'p95 < 2s' },
      unit: 'seconds',
    })
    expect(value(parseLimit('<1%'))).toMatchObject({
      limit: { quantile: null, operator: '<', value: 0.01 },
      unit: 'ratio',
    })
    expect(value(parseLimit('p99.9 >= 5'))).toMatchObject({ limit: { quantile: 0.999, operator: '>=', value: 5 } })
    expect(value(parseLimits('p95 < 2s, p99 < 5s'))).toHaveLength(2)
  })
  test.each([['1%'], ['== 1%'], ['p0 < 1s'], ['p95 2s'], ['< '], ['< 1%,'], ['< 1 && true']])('%s is refused', (text) =>
    expect(parseLimits(text).ok).toBe(false),
  )
  test('a distance from stable may name its quantile', () => {
    expect(value(parseRelativeLimits('p95 +20%, p99 +0.5pp'))).toEqual([
      { quantile: 0.95, relative: 0.2, points: null, text: 'p95 +20%' },
      { quantile: 0.99, relative: null, points: 0.005, text: 'p99 +0.5pp' },
    ])
  })
  test('a number that is missing or not finite never holds and never fails', () => {
    const limit = { quantile: null, operator: '<', value: 1, text: '< 1' } as const
    expect(holds(limit, 0.5)).toBe(true)
    expect(holds(limit, 1)).toBe(false)
    for (const nothing of [null, undefined, Number.NaN, Infinity, -Infinity])
      expect(holds(limit, nothing)).toBe('inconclusive')
  })
})

describe('patterns', () => {
  test('find anywhere, and quote to the letter', () => {
    const pattern = parsePattern('err(or)?')
    expect(pattern.ok && pattern.value.match('an error')).toEqual(['error', 'or'])
    const quoted = parsePattern(quotePattern('a.b|[c]-d'))
    expect(quoted.ok && quoted.value.find('a.b|[c]-d') && !quoted.value.find('axb')).toBe(true)
    expect(parsePattern('(?=a)').ok).toBe(false)
  })
})

describe('suggestions', () => {
  test('the nearest word comes first', () => {
    expect(nearest('chek', ['run', 'check', 'undo'])).toBe('check, or one of: run, undo')
    expect(nearest('zzz', ['run', 'undo'])).toBe('one of: run, undo')
    expect(editDistance('chcek', 'check')).toBe(1)
  })
})
