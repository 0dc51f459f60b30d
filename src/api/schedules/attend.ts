/** The duty of schedules: tells what is due to be told, once over all replicas, and writes down how each time ended. */
import type { AccessState } from '../../core/access/access.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Store } from '../../core/ports/store.ts'
import { noticeNow, occurrencesBetween, type Standing, standingOf } from '../../core/schedule/occurrences.ts'
import type { Occurrence } from '../../core/schedule/schedule.ts'
import type { StartTried } from '../../core/schedule/starting.ts'
import type { Instant, Millis } from '../../core/units.ts'
import type { Audit } from '../auth/audit.ts'
import { type AttendStartDeps, startIfDue } from './attend-start.ts'
import { type Kept, type KeptTime, sinceOf, timeOf, timesOf, type Told, writeTime } from './kept.ts'
import type { Registered, RegisteredSchedules } from './registered.ts'
import { noticeWords, notStartedWords } from './words.ts'

export interface Telling {
  readonly id: string
  readonly on: string
  readonly subject: string
  readonly body: string
}

export interface AttendDeps {
  readonly store: Store
  /** Absent = nothing is started here. */
  readonly starting?: Pick<AttendStartDeps, 'engine' | 'workspace'>
  readonly clock: Clock
  readonly access: () => Promise<AccessState>
  readonly schedules: RegisteredSchedules
  readonly audit: Audit
  /** Sends one message through a channel of a plan. Never rejects. */
  readonly tell: (
    plan: Plan,
    channel: string,
    message: Telling,
  ) => Promise<{ ok: boolean; final: boolean; say: string }>
  readonly log: (line: string) => void
}

const DAY_MS = 86_400_000
/** What ended longer ago is history; a server that was away for longer begins anew. */
const BACK_MS = 400 * DAY_MS
const MOST_TRIES = 8
/** A replica that died while it sent is given up after that. */
const SENDING_MS = 120_000

export async function attendSchedules(deps: AttendDeps): Promise<void> {
  const access = await deps.access()
  for (const one of await deps.schedules.of(access)) await attendOne(deps, access, one)
}

async function attendOne(deps: AttendDeps, access: AccessState, one: Registered): Promise<void> {
  const { store, clock } = deps
  const now = clock.now()
  const since = await sinceOf(store, one.id, one.schedule, now)
  const early = one.schedule.remindMs[0] ?? 0
  const occurrences = occurrencesBetween(one.schedule, Math.max(since, now - BACK_MS), now + early + 1)
  if (occurrences.length === 0) return
  const [kept, all] = await Promise.all([timesOf(store, one.id), store.records(one.schedule.record)])
  const records = all.filter(({ project }) => project === one.project)
  for (const occurrence of occurrences) {
    const known = kept.get(occurrence.at)?.value
    if (known?.ended != null && !isOwed(known)) continue
    const standing = standingOf(occurrence, records, known?.skip ?? null, now)
    const tried =
      deps.starting === undefined
        ? null
        : await startIfDue({ ...deps, ...deps.starting }, access, one, occurrence, standing)
    if (tried !== null && standing.state !== 'missed') await tellStart(deps, one, occurrence, tried)
    await tellNow(deps, one, { occurrence, standing, tried }, now)
    await writeEnd(deps, one, occurrence, standing, now)
  }
}

function isOwed({ told }: KeptTime): boolean {
  return Object.values(told).some(({ state }) => state === 'again' || state === 'sending')
}

async function tellNow(deps: AttendDeps, one: Registered, about: Look, now: Instant): Promise<void> {
  const { occurrence, standing } = about
  const notice = noticeNow(one.schedule, occurrence, standing, now)
  if (notice === null) return
  const words = () => noticeWords(one, about, notice, deps.clock.now())
  for (const channel of notice.to) await tellOnce(deps, one, occurrence, { ...notice, words }, channel)
}

interface Look {
  readonly occurrence: Occurrence
  readonly standing: Standing
  readonly tried: StartTried | null
}

/** That it could not be started, and once more that it was given up. */
async function tellStart(deps: AttendDeps, one: Registered, occurrence: Occurrence, tried: StartTried): Promise<void> {
  if (tried.state === 'started') return
  const kind = tried.state === 'refused' ? 'not-started' : 'given-up'
  const words = () => notStartedWords(one, occurrence, tried)
  for (const channel of one.schedule.to) await tellOnce(deps, one, occurrence, { id: kind, kind, words }, channel)
}

interface Saying {
  /** Unique in its occurrence. */
  readonly id: string
  readonly kind: string
  readonly words: () => { readonly subject: string; readonly body: string }
}

/** Claimed before it is sent, and said after: two replicas send one; one that died in between is taken over later. */
async function tellOnce(
  deps: AttendDeps,
  one: Registered,
  occurrence: Occurrence,
  saying: Saying,
  channel: string,
): Promise<void> {
  const { store, clock, tell, log } = deps
  const key = `${saying.id} ${channel}`
  const kept = await timeOf(store, one.id, occurrence.at)
  const before = kept.value.told[key]
  if (before !== undefined && !isAgain(before, clock.now())) return
  const tries = (before?.tries ?? 0) + 1
  const claimed = await noted(deps, one, kept, key, {
    state: 'sending',
    at: clock.now(),
    tries,
    until: clock.now() + SENDING_MS,
    say: '',
  })
  if (claimed === null) return
  const id = `${one.id} ${new Date(occurrence.at).toISOString()} ${key}`
  const answer = await tell(one.plan, channel, { id, on: `schedule.${saying.kind}`, ...saying.words() })
  const isOver = answer.ok || answer.final || tries >= MOST_TRIES
  const state = answer.ok ? 'sent' : isOver ? 'failed' : 'again'
  if (state === 'failed') log(`schedules: ${one.id}: ${channel} could not be told: ${answer.say}`)
  const told: Told = { state, at: clock.now(), tries, until: clock.now() + waitMs(tries), say: answer.say }
  // Somebody may have skipped it meanwhile; what was sent was sent.
  for (let again = claimed; ; again = await timeOf(store, one.id, occurrence.at))
    if ((await noted(deps, one, again, key, told)) !== null) return
}

function isAgain({ state, until }: Told, now: Instant): boolean {
  return (state === 'again' || state === 'sending') && now >= until
}

function waitMs(tries: number): Millis {
  return Math.min(5_000 * 2 ** tries, 600_000)
}

async function noted(
  { store }: AttendDeps,
  { id }: Registered,
  { value, revision }: Kept<KeptTime>,
  key: string,
  told: Told,
): Promise<Kept<KeptTime> | null> {
  const next = { ...value, told: { ...value.told, [key]: told } }
  const written = await writeTime(store, id, { value: next, revision })
  return written === null ? null : { value: next, revision: written }
}

/** What was missed is never silently gone: it stands in the list, and in the audit. */
async function writeEnd(
  { store, audit }: AttendDeps,
  one: Registered,
  { at, closes }: Occurrence,
  { state, record }: Standing,
  now: Instant,
): Promise<void> {
  if (state !== 'done' && state !== 'missed') return
  const kept = await timeOf(store, one.id, at)
  if (kept.value.ended !== null) return
  const ended = { how: state, at: state === 'missed' ? closes : now, record: record?.id ?? null } as const
  if ((await writeTime(store, one.id, { ...kept, value: { ...kept.value, ended } })) === null) return
  if (state !== 'missed') return
  const by = { id: 'schedule', kind: 'engine', assurance: 'engine' } as const
  await audit.tell({ kind: 'OccurrenceMissed', checklist: one.id, time: at }, by)
}
