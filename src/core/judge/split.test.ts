/** Who plays the canary before a rollout. */
import { describe, expect, test } from 'vitest'
import { splitMatchers, splitMembers } from './split.ts'

const pods = (count: number): string[] => Array.from({ length: count }, (_, i) => `pod-${i}`)

function canary(members: readonly string[], weightPercent: number, seed = 'r1'): readonly string[] {
  const found = splitMembers(members, 'pod', weightPercent, seed)
  if (!found.ok) throw new Error(found.why)
  return found.split.canary
}

describe('who plays the canary before a rollout', () => {
  test('as many as come nearest to the weight of the first stage', () => {
    expect(canary(pods(10), 25)).toHaveLength(3)
    expect(canary(pods(40), 5)).toHaveLength(2)
    expect(canary(pods(3), 50)).toHaveLength(2)
  })

  test('at least one and never all', () => {
    expect(canary(pods(2), 1)).toHaveLength(1)
    expect(canary(pods(2), 0)).toHaveLength(1)
    expect(canary(pods(2), 100)).toHaveLength(1)
    expect(canary(pods(9), 100)).toHaveLength(8)
  })

  test('the same every time, whatever the order, and another one for another release', () => {
    const members = pods(30)
    expect(canary(members.toReversed(), 20)).toEqual(canary(members, 20))
    expect(canary([...members, 'pod-1', ''], 20)).toEqual(canary(members, 20))
    expect(canary(members, 20, 'r2')).not.toEqual(canary(members, 20))
  })

  test('over many releases nobody is preferred', () => {
    const drawn = new Map<string, number>()
    for (let seed = 0; seed < 1000; seed += 1)
      for (const pod of canary(pods(10), 10, `release ${seed}`)) drawn.set(pod, (drawn.get(pod) ?? 0) + 1)
    expect(drawn.size).toBe(10)
    expect(Math.max(...drawn.values())).toBeLessThan(160)
    expect(Math.min(...drawn.values())).toBeGreaterThan(50)
  })

  test('fewer than two say why', () => {
    expect(splitMembers([], 'pod', 5, 's')).toEqual({ ok: false, why: 'no series of stable has the label pod' })
    expect(splitMembers(['a', 'a'], 'pod', 5, 's')).toEqual({
      ok: false,
      why: 'stable has one pod only (a), and a part of it is to play the canary',
    })
  })

  test('the two sides are matched apart, and a name is only itself', () => {
    const split = { label: 'instance', canary: ['10.0.0.1:80', 'a"|b'] }
    expect(splitMatchers(split, 'canary')).toBe(String.raw`instance=~"10\\.0\\.0\\.1:80|a\"\\|b"`)
    expect(splitMatchers(split, 'stable')).toBe(String.raw`instance!~"10\\.0\\.0\\.1:80|a\"\\|b",instance!=""`)
  })
})
