/** What is kept of schedules: since when each runs, what was told of each time, and how each ended. */
import type { Entry, Store } from '../../core/ports/store.ts'
import type { Skip } from '../../core/schedule/occurrences.ts'
import type { StartTried } from '../../core/schedule/starting.ts'
import type { SchedulePlan } from '../../core/schedule/schedule.ts'
import type { Instant } from '../../core/units.ts'

const SINCE = 'schedule'
const TIMES = 'schedule-time'

/** A notice on its way to a channel, or there. */
export interface Told {
  /** `sending`: one replica has it in hand until `until`; `failed` = given up. */
  readonly state: 'sending' | 'again' | 'sent' | 'failed'
  readonly at: Instant
  readonly tries: number
  readonly until: Instant
  readonly say: string
}

export interface KeptTime {
  readonly at: Instant
  /** By notice and channel. */
  readonly told: Readonly<Record<string, Told>>
  readonly skip: Skip | null
  /** Absent = nothing was tried. */
  readonly start?: StartTried
  readonly ended: { readonly how: 'done' | 'missed'; readonly at: Instant; readonly record: string | null } | null
}

export interface Kept<T> {
  readonly value: T
  /** 0 = it is not kept yet. */
  readonly revision: number
}

interface Since {
  readonly rhythm: string
  readonly since: Instant
}

/** Times before it are none of this schedule's: it was not there, or it had another rhythm. */
export async function sinceOf(store: Store, id: string, schedule: SchedulePlan, now: Instant): Promise<Instant> {
  const rhythm = `${schedule.words} ${schedule.zone}`
  const entry = await store.getEntry(SINCE, id)
  const known = entry === null ? null : (JSON.parse(entry.json) as Since)
  if (known?.rhythm === rhythm) return known.since
  const fresh: Since = { rhythm, since: now }
  const written = await store.putEntry(SINCE, id, JSON.stringify(fresh), { expected: entry?.revision ?? 0 })
  return written === null ? sinceOf(store, id, schedule, now) : now
}

export async function timeOf(store: Store, id: string, at: Instant): Promise<Kept<KeptTime>> {
  const entry = await store.getEntry(TIMES, keyOf(id, at))
  return entry === null ? { value: { at, told: {}, skip: null, ended: null }, revision: 0 } : keptIn(entry)
}

export async function timesOf(store: Store, id: string): Promise<ReadonlyMap<Instant, Kept<KeptTime>>> {
  const entries = await store.entries(TIMES, `${id} `)
  return new Map(entries.map(keptIn).map((kept) => [kept.value.at, kept]))
}

/** The new revision; null = another was quicker, and nothing was written. */
export function writeTime(store: Store, id: string, { value, revision }: Kept<KeptTime>): Promise<number | null> {
  return store.putEntry(TIMES, keyOf(id, value.at), JSON.stringify(value), { expected: revision })
}

function keptIn({ json, revision }: Entry): Kept<KeptTime> {
  return { value: JSON.parse(json) as KeptTime, revision }
}

function keyOf(id: string, at: Instant): string {
  return `${id} ${new Date(at).toISOString()}`
}
