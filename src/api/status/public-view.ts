/** What strangers may know of an organisation: its releases with one word for their state, and the entries of its status page. */
import type { AccessState } from '../../core/access/access.ts'
import type { ReleaseSummary, Store } from '../../core/ports/store.ts'
import type { EntryKind, StatusWord } from '../../core/plan/status-words.ts'
import { entryAt, isOver, isPublic, type StatusEntry, standingOf } from '../../core/status/entries.ts'
import type { Instant, Millis } from '../../core/units.ts'
import { statusEntries } from './book.ts'

/** `moving` = now · `good`, `bad` = over · `quiet` = over without an effect that users would see. */
export type PublicTone = 'moving' | 'good' | 'bad' | 'quiet'

export interface PublicRelease {
  readonly service: string
  readonly version: string
  readonly environment: string
  readonly word: string
  readonly tone: PublicTone
  readonly startedAt: Instant
  /** It lies ahead, and begins then; null = it has begun. */
  readonly plannedAt: Instant | null
  /** null = it goes on. */
  readonly endedAt: Instant | null
}

export interface PublicStatus {
  readonly name: string
  readonly at: Instant
  readonly now: readonly PublicRelease[]
  /** Scheduled, the soonest first. */
  readonly coming: readonly PublicRelease[]
  readonly recent: readonly PublicRelease[]
  /** Open now: what is wrong first, then what is under way. */
  readonly open: readonly PublicEntry[]
  /** Announced, the soonest first. */
  readonly planned: readonly PublicEntry[]
  /** Over in the last two weeks, the newest first. */
  readonly past: readonly PublicEntry[]
}

export interface PublicEntry {
  readonly about: EntryKind
  readonly title: string
  readonly services: readonly string[]
  readonly status: StatusWord
  readonly from: Instant | null
  readonly until: Instant | null
  /** The newest first. */
  readonly updates: readonly { readonly at: Instant; readonly status: StatusWord; readonly text: string }[]
}

/** What a release itself brings to the page. */
export interface ReleaseNotices {
  /** A rehearsal reaches no user, nor does a drill. */
  readonly isRehearsal: boolean
  /** When users are to be moved at the earliest, if nobody was yet; null = nobody said. */
  readonly plannedAt: Instant | null
  readonly entries: readonly StatusEntry[]
}

const RECENT_MS: Millis = 14 * 86_400_000
const MOST_RECENT = 30
const MOST_READ = 500

const words: Readonly<Record<string, readonly [word: string, tone: PublicTone]>> = {
  running: ['being released', 'moving'],
  validating: ['released, being watched', 'moving'],
  'signed-off': ['released, being watched', 'moving'],
  'rolling-back': ['being taken back', 'bad'],
  'rollback-failed': ['being looked into', 'bad'],
  'rolled-back': ['taken back', 'bad'],
  closed: ['released', 'good'],
  superseded: ['replaced by a later release', 'quiet'],
  left: ['ended early', 'quiet'],
}

export interface StatusSources {
  readonly store: Pick<Store, 'summaries' | 'read'>
  readonly noticesOf: (release: ReleaseSummary) => Promise<ReleaseNotices>
}

/** null = there is no such organisation, or its page is off: strangers cannot tell which. */
export async function publicStatus(
  { store, noticesOf }: StatusSources,
  access: AccessState,
  organisation: string,
  at: Instant,
): Promise<PublicStatus | null> {
  if (!access.statusPages.has(organisation)) return null
  const projects = [...access.projects.values()].filter((project) => project.organisation === organisation)
  const services = projects.flatMap((project) => project.services)
  const shown = new Set(
    projects.flatMap((project) =>
      project.environments
        .filter(({ isProtected }) => isProtected)
        .flatMap(({ name }) => project.services.map((service) => placeKey(service, name))),
    ),
  )
  const read = async (open: boolean): Promise<readonly ReleaseSummary[]> =>
    (await store.summaries({ open, services, limit: MOST_READ })).filter(({ service, environment }) =>
      shown.has(placeKey(service, environment)),
    )
  const ended = (await read(false))
    .filter(({ updatedAt }) => at - updatedAt < RECENT_MS)
    .toSorted((one, other) => other.updatedAt - one.updatedAt)
  const now = await realOf(await read(true), MOST_READ)
  const recent = await realOf(ended, MOST_RECENT)
  const shownNow = now.map((each) => publicRelease(each, at))
  const written = [...(await statusEntries(store, organisation)).values()].filter((entry) => isPublic(entry, at))
  const told = [...now, ...recent].flatMap(({ entries }) => entries)
  return {
    name: access.organisations.get(organisation) ?? organisation,
    at,
    now: shownNow.filter(({ plannedAt }) => plannedAt === null),
    coming: shownNow
      .filter(({ plannedAt }) => plannedAt !== null)
      .toSorted((one, other) => (one.plannedAt ?? 0) - (other.plannedAt ?? 0)),
    recent: recent.map((each) => publicRelease(each, at)),
    ...inOrder(
      [...written, ...told].map((entry) => entryAt(entry, at)),
      at,
    ),
  }

  async function realOf(all: readonly ReleaseSummary[], most: number): Promise<readonly RealRelease[]> {
    const real: RealRelease[] = []
    for (const summary of all) {
      if (real.length === most) break
      const { isRehearsal, entries, plannedAt } = await noticesOf(summary)
      if (!isRehearsal) real.push({ summary, entries, plannedAt })
    }
    return real
  }
}

interface RealRelease extends Pick<ReleaseNotices, 'plannedAt'> {
  readonly summary: ReleaseSummary
  readonly entries: readonly StatusEntry[]
}

function inOrder(entries: readonly StatusEntry[], at: Instant): Pick<PublicStatus, 'open' | 'planned' | 'past'> {
  const lastAt = (entry: StatusEntry): Instant => entry.updates.at(-1)?.at ?? 0
  const isPlanned = (entry: StatusEntry): boolean => standingOf(entry) === 'scheduled'
  const newest = entries.toSorted((one, other) => lastAt(other) - lastAt(one))
  const open = newest.filter((entry) => !isOver(entry) && !isPlanned(entry))
  return {
    open: [
      ...open.filter(({ about }) => about === 'incident'),
      ...open.filter(({ about }) => about !== 'incident'),
    ].map(publicEntry),
    planned: entries
      .filter(isPlanned)
      .toSorted((one, other) => (one.from ?? 0) - (other.from ?? 0))
      .map(publicEntry),
    past: newest
      .filter((entry) => isOver(entry) && at - lastAt(entry) < RECENT_MS)
      .slice(0, MOST_RECENT)
      .map(publicEntry),
  }
}

/** Written out member by member, as a release is: who wrote it is not public. */
function publicEntry(entry: StatusEntry): PublicEntry {
  const { about, title, services, from, until, updates } = entry
  const told = updates.map(({ at, status, text }) => ({ at, status, text })).toReversed()
  return { about, title, services, status: standingOf(entry), from, until, updates: told }
}

/** Written out member by member: what a summary learns to say later is not public by that. */
function publicRelease({ summary, plannedAt: planned }: RealRelease, at: Instant): PublicRelease {
  const { service, version, environment, phase, startedAt, updatedAt, open } = summary
  const plannedAt = phase === 'running' && planned !== null && planned > at ? planned : null
  const [word, tone] = plannedAt === null ? (words[phase] ?? ['under way', 'quiet']) : (['scheduled', 'quiet'] as const)
  return { service, version, environment, word, tone, startedAt, plannedAt, endedAt: open ? null : updatedAt }
}

function placeKey(service: string, environment: string): string {
  return JSON.stringify([service, environment])
}
