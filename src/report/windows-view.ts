/** Windows as people look at them: open or closed now and why, and when that changes next. Pure. */
import { daysWords, ruleWords, whyClosed } from '../core/calendar/window-words.ts'
import { closuresBetween, isWindowOpen, windowClosesAt, windowOpensAt } from '../core/calendar/window.ts'
import type { LowTraffic, Plan, WindowPlan } from '../core/plan/plan.ts'
import type { Instant } from '../core/units.ts'
import { countWords, durationWords } from './words.ts'

export interface WindowView {
  readonly name: string
  readonly zone: string
  readonly open: boolean
  /** Why it is closed now; null = it is open. */
  readonly why: string | null
  /** The openings that come next, the one that is on first. `until` null = not within a year. */
  readonly openings: readonly { readonly from: Instant; readonly until: Instant | null; readonly then: string | null }[]
  /** `open mon-thu 09:00-16:00`, `not fri`, `override by release-manager`; one string each. */
  readonly rules: readonly string[]
  /** Days of its calendars that come next and keep it closed; `eve` = from the eve on. `to` is exclusive. */
  readonly closures: readonly {
    readonly title: string
    readonly from: Instant
    readonly to: Instant
    readonly eve: boolean
  }[]
  /** Titles of the phases and texts of the steps that go by it. */
  readonly for: readonly string[]
}

const mostOpenings = 3
const mostClosures = 6
const CLOSURES_MS = 100 * 86_400_000

export function windowViews(plan: Plan, now: Instant): readonly WindowView[] {
  return Object.entries(plan.windows).map(([name, window]) => ({
    name,
    zone: window.zone,
    open: isWindowOpen(window, now),
    why: whyClosed(window, now),
    openings: openingsOf(window, now),
    rules: rulesOf(window),
    closures: closuresBetween(window, now, now + CLOSURES_MS)
      .slice(0, mostClosures)
      .map(({ from, to, closure: { title, eve } }) => ({ title, from, to, eve })),
    for: [
      ...plan.phases.flatMap(({ window: of, title }) => (of === name ? [title] : [])),
      ...plan.steps.flatMap(({ block, text }) => (block.word === 'wait' && block.untilWindow === name ? [text] : [])),
    ],
  }))
}

function openingsOf(window: WindowPlan, now: Instant): WindowView['openings'] {
  const found: WindowView['openings'][number][] = []
  let from = windowOpensAt(window, now)
  while (from !== undefined && found.length < mostOpenings) {
    const until = windowClosesAt(window, from)
    found.push({ from, until: until ?? null, then: until === undefined ? null : whyClosed(window, until) })
    from = until === undefined ? undefined : windowOpensAt(window, until)
  }
  return found
}

const coverWords = {
  entry: 'holds only when the phase begins',
  phase: 'holds for the whole phase',
  rollout: 'holds to the end of the last rollout',
  watch: 'holds to the end of the last watch',
  release: 'holds to the end of the release',
} as const

/** What else holds for it besides its hours: `holds to the end of the last watch`, `override by release-manager, with a reason`. */
export function termsOf({ workingDays, covers, override, lowTraffic }: WindowPlan): readonly string[] {
  return [
    workingDays === undefined ? '' : `people work ${daysWords(workingDays)}`,
    covers === undefined ? '' : coverWords[covers],
    lowTraffic === undefined ? '' : lowTrafficWords(lowTraffic),
    override === undefined ? 'nobody may override it' : `override by ${override}, with a reason`,
  ].filter((part) => part !== '')
}

function lowTrafficWords({ query, source, below, forMs, usual }: LowTraffic): string {
  const now = below === undefined ? [] : [`is below ${below} for ${durationWords(forMs)}`]
  const then = usual === undefined ? [] : [`is usually below ${usual.below} at that time of the week`]
  return `only while ${query} of ${source} ${[...now, ...then].join(' and ')}`
}

function rulesOf(window: WindowPlan): readonly string[] {
  const { allow, deny, calendars = [], closures = [] } = window
  return [
    allow.length === 0 ? 'open at any time' : `open ${allow.map(ruleWords).join(' or ')}`,
    ...deny.map((rule) => `not ${ruleWords(rule)}${rule.absolute === true ? ', absolutely' : ''}`),
    ...(calendars.length === 0
      ? []
      : [
          `not during the ${countWords(closures.length, 'event')} of ${calendars.map(({ file }) => file).join(' and ')}`,
        ]),
    ...termsOf(window),
  ]
}
