/** Addresses that want to hear of a project's releases, and what is on its way to them: kept as entries. */
import type { Entry, Store } from '../../core/ports/store.ts'
import type { NewsTopic } from '../../core/release/news.ts'
import type { Instant } from '../../core/units.ts'

const HOOKS = 'webhook'
const DUE = 'webhook-due'
const DONE = 'webhook-done'
const CURSOR = 'webhook-cursor'
/** What was sent, and what was given up, can be looked at for a week. */
const SHOWN_MS = 7 * 86_400_000

export interface Hook {
  readonly id: string
  readonly project: string
  readonly url: string
  readonly topics: readonly NewsTopic[]
  /** Sealed, in the context of `contextOf(id)`. */
  readonly secret: string
  readonly createdAt: Instant
  readonly createdBy: string
  /** Position of the log when it was made: it hears of nothing before. */
  readonly after: number
}

export interface Delivery {
  /** The same every time it is sent: who gets it twice may drop the second. */
  readonly id: string
  readonly hook: string
  readonly topic: NewsTopic
  readonly release: string
  readonly body: string
  readonly queuedAt: Instant
  /** Place in the log of what it tells of: a webhook hears in this order. */
  readonly position: number
  readonly tries: number
  readonly notBefore: Instant
  /** A replica is sending it, until `notBefore` at the longest. */
  readonly isClaimed: boolean
  readonly say: string
}

export interface Done extends Omit<Delivery, 'body' | 'notBefore' | 'isClaimed'> {
  readonly state: 'delivered' | 'given up'
  readonly doneAt: Instant
}

export interface Kept<T> {
  readonly key: string
  readonly revision: number
  readonly value: T
}

export function contextOf(hook: string): string {
  return `webhook ${hook}`
}

export async function hooks(store: Store): Promise<readonly Kept<Hook>[]> {
  return (await store.entries(HOOKS)).map((entry) => kept<Hook>(entry))
}

export async function hookOf(store: Store, id: string): Promise<Kept<Hook> | null> {
  const entry = await store.getEntry(HOOKS, id)
  return entry && kept(entry)
}

export async function addHook(store: Store, hook: Hook): Promise<void> {
  await store.putEntry(HOOKS, hook.id, JSON.stringify(hook), { expected: 0 })
}

/** What is on its way to it goes too. */
export async function removeHook(store: Store, id: string): Promise<void> {
  await store.putEntry(HOOKS, id, null)
  for (const { key } of await store.entries(DUE, `${id}/`)) await store.putEntry(DUE, key, null)
}

export async function cursor(store: Store): Promise<Kept<{ readonly position: number }> | null> {
  const entry = await store.getEntry(CURSOR, 'log')
  return entry && kept(entry)
}

/** False = another replica was quicker, and has told of the same. */
export async function moveCursor(store: Store, position: number, revision: number): Promise<boolean> {
  return (await store.putEntry(CURSOR, 'log', JSON.stringify({ position }), { expected: revision })) !== null
}

/** Once for each id, also when another replica queues it later. */
export async function queue(store: Store, delivery: Delivery): Promise<void> {
  const key = keyOf(delivery)
  if ((await store.getEntry(DONE, key)) !== null) return
  await store.putEntry(DUE, key, JSON.stringify(delivery), { expected: 0 })
}

export async function due(store: Store, hook = ''): Promise<readonly Kept<Delivery>[]> {
  return (await store.entries(DUE, hook === '' ? '' : `${hook}/`)).map((entry) => kept<Delivery>(entry))
}

export async function finished(store: Store, hook: string): Promise<readonly Done[]> {
  return (await store.entries(DONE, `${hook}/`)).map(({ json }) => JSON.parse(json) as Done)
}

/** The new revision; null = another replica has it. */
export function change(store: Store, { key, revision }: Kept<Delivery>, value: Delivery): Promise<number | null> {
  return store.putEntry(DUE, key, JSON.stringify(value), { expected: revision })
}

export async function finish(
  store: Store,
  { key, value }: Kept<Delivery>,
  done: Pick<Done, 'state' | 'say' | 'doneAt'>,
) {
  const { body: _body, notBefore: _notBefore, isClaimed: _isClaimed, ...rest } = value
  const end: Done = { ...rest, tries: value.tries + 1, ...done }
  await store.putEntry(DONE, key, JSON.stringify(end), { expires: done.doneAt + SHOWN_MS })
  await store.putEntry(DUE, key, null)
}

function keyOf({ hook, id }: Pick<Delivery, 'hook' | 'id'>): string {
  return `${hook}/${id}`
}

function kept<T>({ key, revision, json }: Entry): Kept<T> {
  return { key, revision, value: JSON.parse(json) as T }
}
