/** Searches the log from its end back, a bounded stretch at a time: an answer comes soon, however old what is looked for is. */
import { type AccessState, accessStream, auditStream, type Place } from '../../core/access/access.ts'
import { placeOf } from '../../core/access/may.ts'
import { placeOfStream } from '../../core/target/locks.ts'
import type { Store, StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { type Names, namesOf, sentenceOf } from '../../report/timeline.ts'
import type { AuditEntry } from '../wire/audit-answers.ts'
import { auditSentence, isPlace, placeWords } from './audit-words.ts'

export type AuditStream = 'audit' | 'access' | 'releases'

export interface AuditQuery {
  readonly stream: AuditStream
  /** Part of the name of whoever did it, or of whom it was done to. */
  readonly by?: string | undefined
  /** Part of the kind or of the sentence. */
  readonly what?: string | undefined
  /** Part of a place, such as `acme/shop`. */
  readonly place?: string | undefined
  /** Instants; `to` is not part of it. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

export interface AuditStretch {
  readonly entries: readonly AuditEntry[]
  /** Where the next stretch begins; null = there is nothing before. */
  readonly next: number | null
  /** Of the oldest event that was looked at; null = there was none. */
  readonly lookedTo: number | null
}

/** Enough for a page to be whole at once in most searches, and few enough that nobody waits. */
const MOST_LOOKED_AT = 5_000
const WINDOW = 500

export interface AuditSources {
  readonly store: Pick<Store, 'readBack' | 'tail' | 'head'>
  readonly releaseOf: (id: string) => Promise<Pick<ReleaseState, 'plan' | 'environment'> | null>
}

/** Newest first. `before` = the `next` of the stretch before; null = from the end. */
export async function searchBack(
  sources: AuditSources,
  access: AccessState,
  query: AuditQuery,
  before: number | null,
  limit: number,
): Promise<AuditStretch> {
  const teller = new Teller(sources, access)
  const entries: AuditEntry[] = []
  let cursor = before
  let lookedTo: number | null = null
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += WINDOW) {
    const { events, next } = await windowBack(sources.store, query.stream, cursor)
    for (const event of events) {
      lookedTo = event.at
      cursor = query.stream === 'releases' ? event.position : event.version
      // The log is in the order of time but for the clocks of replicas: a minute is left for them.
      if (query.from !== undefined && event.at < query.from - 60_000) return { entries, next: null, lookedTo }
      const entry = mayFit(event, query) ? await teller.entryOf(event) : null
      if (entry !== null && fits(entry, query)) entries.push(entry)
      if (entries.length === limit) return { entries, next: cursor === 1 ? null : cursor, lookedTo }
    }
    cursor = next
    if (next === null) return { entries, next: null, lookedTo }
  }
  return { entries, next: cursor, lookedTo }
}

/** Everything, newest first, for an export. */
export async function* allBack(
  sources: AuditSources,
  access: AccessState,
  query: AuditQuery,
): AsyncGenerator<{ readonly entry: AuditEntry; readonly event: StoredEvent }> {
  const teller = new Teller(sources, access)
  let cursor: number | null = null
  do {
    const { events, next } = await windowBack(sources.store, query.stream, cursor)
    for (const event of events) {
      if (query.from !== undefined && event.at < query.from - 60_000) return
      const entry = mayFit(event, query) ? await teller.entryOf(event) : null
      if (entry !== null && fits(entry, query)) yield { entry, event }
    }
    cursor = next
  } while (cursor !== null)
}

interface Stretch {
  readonly events: readonly StoredEvent[]
  readonly next: number | null
}

async function windowBack(store: AuditSources['store'], stream: AuditStream, before: number | null): Promise<Stretch> {
  if (stream === 'releases') {
    const end = before ?? (await store.head()) + 1
    const after = Math.max(end - 1 - WINDOW, 0)
    const events = end <= 1 ? [] : await store.tail(after, end - 1 - after)
    return { events: events.toReversed(), next: after === 0 ? null : after + 1 }
  }
  const events = await store.readBack(stream === 'audit' ? auditStream : accessStream, before, WINDOW)
  const oldest = events.at(-1)?.version ?? 1
  return { events, next: oldest <= 1 ? null : oldest }
}

/** What can be told without knowing the release: of most events that is enough to pass them over. */
function mayFit({ stream, at, by, event }: StoredEvent, query: AuditQuery): boolean {
  if (query.stream === 'releases' && !stream.startsWith('release/') && !isOfLine(stream, event)) return false
  if ((query.from !== undefined && at < query.from) || (query.to !== undefined && at >= query.to)) return false
  return holds([by.id, aboutOf(event as Readonly<Record<string, unknown>>) ?? ''], query.by)
}

/** A start that stands in line is no release yet: what becomes of it is told beside those that are. */
function isOfLine(stream: string, event: unknown): boolean {
  const { kind } = event as { readonly kind: string }
  return stream.startsWith('target/') && (kind === 'StartQueued' || kind === 'StartWithdrawn')
}

/** Makes entries of events; knows the plans that release events are told with. */
class Teller {
  readonly #sources: AuditSources
  readonly #access: AccessState
  readonly #releases = new Map<string, Promise<{ readonly names: Names; readonly place: string } | null>>()

  constructor(sources: AuditSources, access: AccessState) {
    this.#sources = sources
    this.#access = access
  }

  /** null = bookkeeping beside another event. */
  async entryOf({ stream, version, position, at, by, event, hash }: StoredEvent): Promise<AuditEntry | null> {
    const told = event as { readonly kind: string } & Readonly<Record<string, unknown>>
    const release = stream.startsWith('release/') ? stream.slice('release/'.length) : null
    const known = release === null ? null : await this.#release(release)
    const say = release === null ? auditSentence(told) : sentenceOf(told as ReleaseEvent, known?.names ?? namesOf(null))
    if (say === null) return null
    const places = release === null ? await this.#placesOf(stream, told) : known === null ? [] : [known.place]
    const { id, kind, assurance } = by
    return {
      stream,
      version,
      position,
      at,
      by: { id, kind, assurance },
      kind: told.kind,
      say,
      places,
      about: aboutOf(told),
      release: release ?? (typeof told['release'] === 'string' ? told['release'] : null),
      hash,
    }
  }

  async #placesOf(stream: string, event: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    if (!isOfLine(stream, event)) return this.#places(event)
    const { service, environment } = placeOfStream(stream)
    const place = placeOf(this.#access, service, environment)
    return [place === null ? environment : placeWords(place)]
  }

  async #places(event: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
    const scope = event['scope']
    const scoped = typeof scope === 'object' && scope !== null && 'place' in scope ? scope.place : null
    const named = [event['place'], scoped].filter(isPlace).map(placeWords)
    const release = typeof event['release'] === 'string' ? await this.#release(event['release']) : null
    return [...named, ...this.#project(event), ...(release === null ? [] : [release.place])]
  }

  #project({ organisation, project, environment }: Readonly<Record<string, unknown>>): readonly string[] {
    if (typeof project !== 'string') return typeof organisation === 'string' ? [organisation] : []
    const of =
      this.#access.projects.get(project)?.organisation ?? (typeof organisation === 'string' ? organisation : null)
    const parts = [of, project, typeof environment === 'string' ? environment : null]
    return [parts.filter((part) => part !== null).join('/')]
  }

  #release(id: string): Promise<{ readonly names: Names; readonly place: string } | null> {
    const known = this.#releases.get(id)
    if (known !== undefined) return known
    const asked = this.#sources.releaseOf(id).then((state) => {
      if (state === null) return null
      const { service } = state.plan
      const place: Place | null = placeOf(this.#access, service, state.environment)
      return { names: namesOf(state.plan), place: place === null ? state.environment : placeWords(place) }
    })
    this.#releases.set(id, asked)
    return asked
  }
}

/** Whom it was done to. */
function aboutOf(event: Readonly<Record<string, unknown>>): string | null {
  const found = [event['person'], event['holder'], event['machine'], event['by']].find(
    (value) => typeof value === 'string',
  )
  return typeof found === 'string' ? found : null
}

function fits(entry: AuditEntry, { what, place }: AuditQuery): boolean {
  const places = entry.release === null ? entry.places : [...entry.places, entry.release]
  return holds([entry.kind, entry.say], what) && holds(places, place)
}

function holds(texts: readonly string[], wanted: string | undefined): boolean {
  if (wanted === undefined || wanted.trim() === '') return true
  const words = wanted.trim().toLowerCase()
  return texts.some((text) => text.toLowerCase().includes(words))
}
