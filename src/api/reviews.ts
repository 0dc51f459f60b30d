/** What was let through without a pass is looked at afterwards: one review per override, with a deadline. */
import type { Store } from '../core/ports/store.ts'
import type { Actor } from '../core/release/events.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'
import type { CommandBody } from './wire/command-shapes.ts'

const SHELF = 'review'
const DUE_MS = 48 * 3_600_000

export interface Review {
  readonly release: string
  /** Of the release after the override: with it, the review has a name of its own. */
  readonly version: number
  readonly service: string
  readonly environment: string
  /** In words: what was overridden. */
  readonly what: string
  readonly reason: string
  /** Who is recorded for it. */
  readonly by: string
  /** Whose sign-in or token sent it; another than `by` where a signature said who decided. */
  readonly sentBy: string
  readonly at: Instant
  readonly due: Instant
  readonly closed: { readonly by: string; readonly at: Instant; readonly note: string } | null
}

export interface KeptReview {
  readonly review: Review
  readonly revision: number
}

type Command = CommandBody['command']

/** What a command let through without a pass, and why; null = it let nothing through. */
export function overrideIn(command: Command): Pick<Review, 'what' | 'reason'> | null {
  switch (command.kind) {
    case 'Waive':
      return { what: `waived ${command.step}`, reason: command.reason }
    case 'MarkNotApplicable':
      return { what: `marked ${command.step} as not applicable`, reason: command.reason }
    case 'Settle':
      return { what: `settled ${command.step} as ${command.as}`, reason: command.why }
    case 'OverrideWindow':
      return { what: 'overrode the window', reason: command.reason }
    case 'WaiveMessage':
      return { what: `went on without the message ${command.message}`, reason: command.reason }
    case 'Amend':
      return { what: 'amended the checklist', reason: command.reason }
    case 'Abort':
      return command.leave ? { what: 'ended it and left things as they are', reason: command.why } : null
    default:
      return null
  }
}

export interface Overriding {
  readonly state: ReleaseState
  readonly version: number
  readonly command: Command
  readonly by: Actor
  readonly sentBy: string
  readonly now: Instant
}

/** The review that this override asks for; null = it overrode nothing. */
export function reviewOf({ state, version, command, by, sentBy, now }: Overriding): Review | null {
  const override = overrideIn(command)
  if (override === null) return null
  const of = { release: state.id, version, service: state.plan.service, environment: state.environment }
  return { ...of, ...override, by: by.id, sentBy, at: now, due: now + DUE_MS, closed: null }
}

/** One that is there already stays as it is. */
export async function openReview(store: Store, review: Review): Promise<void> {
  await store.putEntry(SHELF, keyOf(review), JSON.stringify(review), { expected: 0 })
}

export async function findReview(store: Store, release: string, version: number): Promise<KeptReview | null> {
  const entry = await store.getEntry(SHELF, keyOf({ release, version }))
  return entry === null ? null : { review: JSON.parse(entry.json) as Review, revision: entry.revision }
}

/** false = another was quicker, and nothing was written. */
export async function writeReview(store: Store, { review, revision }: KeptReview): Promise<boolean> {
  return (await store.putEntry(SHELF, keyOf(review), JSON.stringify(review), { expected: revision })) !== null
}

/** Open ones first, the earliest deadline first; then the closed ones, the newest first. */
export async function allReviews(store: Store): Promise<readonly Review[]> {
  const all = (await store.entries(SHELF)).map(({ json }) => JSON.parse(json) as Review)
  const open = all.filter(({ closed }) => closed === null).toSorted((one, other) => one.due - other.due)
  const closed = all.filter((review) => review.closed !== null).toSorted((one, other) => other.at - one.at)
  return [...open, ...closed]
}

export function isOverdue({ closed, due }: Review, now: Instant): boolean {
  return closed === null && due < now
}

/** A line for each review that nobody did in time. */
export async function tellOverdue(store: Store, now: Instant, log: (line: string) => void): Promise<void> {
  for (const review of await allReviews(store))
    if (isOverdue(review, now))
      log(
        `review overdue: ${review.release} version ${review.version}: ${review.by} ${review.what}; due ${new Date(review.due).toISOString()}`,
      )
}

function keyOf({ release, version }: Pick<Review, 'release' | 'version'>): string {
  return `${release}/${version}`
}
