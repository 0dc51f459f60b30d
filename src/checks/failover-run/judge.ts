/** What a fault showed: who lived through it, who was down, how soon all was well again. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import type { Instant, Json, Millis } from '../../core/units.ts'
import { sayMillis } from '../parts/say.ts'
import { longestGap, type Probe } from './probing.ts'

export interface Seen {
  readonly brokenAt: Instant
  readonly mendingAt: Instant
  readonly mendedAt: Instant
  /** By the title of each step; while it was broken, and around that. */
  readonly survives: Readonly<Record<string, readonly Probe[]>>
  readonly recovers: Readonly<Record<string, readonly Probe[]>>
  /** The last of each afterwards. */
  readonly after: readonly Probe[]
  /** Sentences about what is not as it was before. */
  readonly changed: readonly string[]
}

export interface FaultLimits {
  readonly gapMs: Millis
  readonly recoverMs: Millis
}

/** Fewer answers while it was broken are no proof. */
const fewest = 3

export interface Judged {
  readonly outcome: CheckOutcome
  readonly say: string
  readonly facts: Readonly<Record<string, Json>>
}

export function judgeFault(seen: Seen, limits: FaultLimits): Judged {
  const { brokenAt, mendingAt, mendedAt } = seen
  const gaps = Object.entries(seen.survives).map(
    ([title, probes]) => [title, longestGap(probes, brokenAt, mendingAt)] as const,
  )
  const gap = Math.max(0, ...gaps.map(([, ms]) => ms))
  const recovery = Math.max(0, ...seen.after.map(({ to }) => to - mendedAt))
  const within = (probes: readonly Probe[]): readonly Probe[] =>
    probes.filter(({ from, to }) => from >= brokenAt && to <= mendingAt)
  const count = Object.values(seen.survives).reduce((sum, probes) => sum + within(probes).length, 0)
  const facts = { broken_ms: mendingAt - brokenAt, gap_ms: gap, recovery_ms: recovery, probes: count }
  const bad = [
    ...gaps.flatMap(([title, ms]) => {
      const why = seen.survives[title]?.find(({ isPassed, to }) => !isPassed && to >= brokenAt)?.say ?? ''
      return ms > limits.gapMs
        ? [`${title} did not pass for ${sayMillis(ms)} while it was broken, at most ${sayMillis(limits.gapMs)}: ${why}`]
        : []
    }),
    ...seen.after.flatMap(({ title, isPassed, to, say }) =>
      isPassed && to - mendedAt <= limits.recoverMs
        ? []
        : [`${title} does not pass ${sayMillis(limits.recoverMs)} after it was mended: ${say}`],
    ),
    ...seen.changed,
  ]
  if (bad.length > 0) return { outcome: 'failed', say: bad.join('; '), facts }
  const unsure = [
    ...Object.entries(seen.survives).flatMap(([title, probes]) =>
      within(probes).length < fewest
        ? [`${title} was asked only ${within(probes).length} times while it was broken, expected at least ${fewest}`]
        : [],
    ),
    ...Object.entries(seen.recovers).flatMap(([title, probes]) =>
      probes.some(({ isPassed, from, to }) => !isPassed && from <= mendingAt && to >= brokenAt)
        ? []
        : [`${title} passed all the while, so nothing shows that anything was broken`],
    ),
  ]
  if (unsure.length > 0) return { outcome: 'inconclusive', say: unsure.join('; '), facts }
  const lived =
    gaps.length === 0 ? '' : `, ${gap === 0 ? 'survived without a gap' : `survived with a gap of ${sayMillis(gap)}`}`
  const say = `broken for ${sayMillis(mendingAt - brokenAt)}${lived}, well again ${sayMillis(recovery)} after it was mended`
  return { outcome: 'passed', say, facts }
}
