/** Windows are side by side, inside the period, and seen from the newest on in halves. */
import { describe, expect, test } from 'vitest'
import { windowsIn } from './windows.ts'

const lengths = { liveMs: 600_000, historyMs: 1_800_000, everyMs: 15_000 }
const from = 1_700_000_000_000
const week = { from, to: from + 7 * 86_400_000 }

describe('the windows of a calibration', () => {
  test.each([1, 2, 3, 7, 100, 5000])('%i wanted: none shares a moment of its rollout with another', (wanted) => {
    const { windows, fits } = windowsIn(week, lengths, wanted)
    expect(windows).toHaveLength(Math.min(wanted, fits))
    const sorted = windows.toSorted((a, b) => a.startsAt - b.startsAt)
    for (const [i, window] of sorted.entries()) {
      expect(window.endsAt - window.startsAt).toBe(lengths.liveMs)
      expect(window.startsAt - lengths.historyMs).toBeGreaterThanOrEqual(week.from)
      expect(window.endsAt).toBeLessThanOrEqual(week.to)
      if (i > 0) expect(window.startsAt).toBeGreaterThanOrEqual(sorted[i - 1]?.endsAt ?? 0)
    }
    expect(new Set(windows.map(({ seed }) => seed)).size).toBe(windows.length)
  })

  test('the newest comes first, and whoever stops early has seen the whole period', () => {
    const { windows } = windowsIn(week, lengths, 100)
    expect(windows[0]?.endsAt).toBe(week.to)
    const seen = windows.slice(0, 8).map(({ endsAt }) => (week.to - endsAt) / 86_400_000)
    expect(Math.max(...seen)).toBeGreaterThan(5)
    const quarters = new Set(seen.map((days) => Math.floor((days / 7) * 4)))
    expect(quarters).toEqual(new Set([0, 1, 2, 3]))
  })

  test('a period that is too short has room for none', () => {
    expect(windowsIn({ from, to: from + 2_000_000 }, lengths, 10)).toEqual({ windows: [], fits: 0 })
  })
})
