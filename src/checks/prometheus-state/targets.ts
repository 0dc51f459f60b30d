/** Are the targets of a Prometheus up, each scraped not long ago, and enough of each job? */
import type { Instant } from '../../core/units.ts'
import { counted, type Finding, listed } from '../parts/finding.ts'
import { oneLine, sayMillis } from '../parts/say.ts'
import { found, intervalOf, staleBy, type Target } from './api.ts'

/** By the name of a job the fewest targets that are up; null = every job there is. */
export type WantedTargets = ReadonlyMap<string, number> | null

export function targetFindings(
  targets: readonly Target[],
  wanted: WantedTargets,
  mayBeDown: number,
  now: Instant,
): readonly Finding[] {
  const of = targets.filter(({ labels }) => wanted === null || wanted.has(labels['job'] ?? ''))
  const stale = of.filter((target) => isUp(target) && staleBy(target.lastScrape, intervalOf(target), now) !== null)
  const down = of.filter((target) => !isUp(target) && target.health !== 'unknown')
  const unknown = of.filter(({ health }) => health === 'unknown')
  const up = of.filter((target) => isUp(target) && !stale.includes(target))
  const facts = { targets_up: up.length, targets_down: down.map(nameOf) }
  const lines = of.map((target) => `${target.health}\t${nameOf(target)}\t${target.lastError}`)
  const few = [...(wanted ?? [])].flatMap(([job, least]) => {
    const count = up.filter(({ labels }) => labels['job'] === job).length
    return count >= least ? [] : [`${counted(count, 'target')} of job ${job} up, expected at least ${least}`]
  })
  const [first] = down
  const problems = [
    ...few,
    ...(down.length > mayBeDown && first !== undefined
      ? [
          `${counted(down.length, 'target')} down${mayBeDown === 0 ? '' : `, at most ${mayBeDown} expected`}: ${listed(down.map(nameOf))} (${oneLine(first.lastError, 120)})`,
        ]
      : []),
  ]
  // A target that was never scraped yet, or not lately, may be anything.
  const doubts = [
    ...(unknown.length === 0
      ? []
      : [`${counted(unknown.length, 'target')} not scraped yet: ${listed(unknown.map(nameOf))}`]),
    ...stale.slice(0, 1).map((target) => {
      const ageMs = staleBy(target.lastScrape, intervalOf(target), now) ?? 0
      return `${nameOf(target)} was last scraped ${Number.isFinite(ageMs) ? `${sayMillis(ageMs)} ago` : 'nobody knows when'}`
    }),
    ...(of.length === 0 && wanted === null ? ['there is no target'] : []),
  ]
  // What has not been scraped yet may still make enough of a job.
  const isYoung = unknown.length + stale.length > 0 && problems.length === few.length
  if (problems.length > 0 && !isYoung) return [found('bad', problems.join('; '), facts, lines)]
  if (doubts.length > 0) return [found('unknown', [...doubts, ...few].join('; '), facts, lines)]
  return [found('good', `${counted(up.length, 'target')} up`, facts, lines)]
}

function isUp({ health }: Target): boolean {
  return health === 'up'
}

function nameOf({ labels, scrapeUrl }: Target): string {
  return `${labels['job'] ?? '?'} ${labels['instance'] ?? scrapeUrl}`
}
