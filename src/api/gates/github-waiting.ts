/** Deployments at GitHub that wait for a gate, and which service of ours stands behind a repository: kept as entries. */
import { z } from '@hono/zod-openapi'
import type { GatePoint } from '../../core/release/gate.ts'
import type { Entry, Store } from '../../core/ports/store.ts'
import type { Instant } from '../../core/units.ts'

const BINDINGS = 'github-gate'
const WAITING = 'github-waiting'
const DELIVERIES = 'github-delivery'
const DAY_MS = 86_400_000
/** GitHub itself gives a deployment up after 30 days. */
const WAITS_MS = 31 * DAY_MS
/** A delivery may be sent again by hand for three days; the signature itself never gets old. */
const REMEMBERED_MS = 60 * DAY_MS

/** A repository's environment at GitHub, and what has to be open before it is deployed to. */
export interface Binding {
  readonly repository: string
  /** As GitHub calls it. */
  readonly githubEnvironment: string
  readonly project: string
  readonly service: string
  readonly environment: string
  readonly point: GatePoint
}

export interface Waiting {
  readonly repository: string
  readonly githubEnvironment: string
  readonly callback: string
  readonly installation: number
  readonly sha: string
  readonly ref: string
  readonly askedAt: Instant
  /** Telling GitHub failed so often. */
  readonly tries: number
  readonly notBefore: Instant
  readonly say: string
}

export interface Kept<T> {
  readonly key: string
  readonly revision: number
  readonly value: T
}

/** What GitHub sends, as far as it is needed; strict about what it needs, silent about the rest. */
export const requestedBody = z.looseObject({
  action: z.literal('requested'),
  environment: z.string().min(1).max(300),
  deployment_callback_url: z.string().max(1_000),
  deployment: z.looseObject({ sha: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/), ref: z.string().max(1_000) }),
  repository: z.looseObject({ full_name: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/) }),
  installation: z.looseObject({ id: z.number().int().positive() }),
})

export function bindingKey(repository: string, environment: string): string {
  return `${repository}/${environment}`.toLowerCase()
}

export async function bindingOf(store: Store, repository: string, environment: string): Promise<Kept<Binding> | null> {
  return keptOf(await store.getEntry(BINDINGS, bindingKey(repository, environment)))
}

export async function bindings(store: Store): Promise<readonly Kept<Binding>[]> {
  return (await store.entries(BINDINGS)).map((entry) => keptOf<Binding>(entry)).filter((kept) => kept !== null)
}

/** False = another was quicker. */
export async function bind(store: Store, binding: Binding | null, key: string, revision: number): Promise<boolean> {
  const json = binding && JSON.stringify(binding)
  return (await store.putEntry(BINDINGS, key, json, { expected: revision })) !== null
}

/** A second request for the same run and environment changes nothing. */
export async function keepWaiting(store: Store, key: string, waiting: Waiting): Promise<void> {
  await store.putEntry(WAITING, key, JSON.stringify(waiting), { expected: 0, expires: waiting.askedAt + WAITS_MS })
}

export async function waitingOnes(store: Store): Promise<readonly Kept<Waiting>[]> {
  return (await store.entries(WAITING)).map((entry) => keptOf<Waiting>(entry)).filter((kept) => kept !== null)
}

/** null removes. The new revision, or null when another replica was quicker. */
export function changeWaiting(store: Store, kept: Kept<Waiting>, value: Waiting | null): Promise<number | null> {
  return store.putEntry(WAITING, kept.key, value && JSON.stringify(value), {
    expected: kept.revision,
    expires: kept.value.askedAt + WAITS_MS,
  })
}

export async function isKnownDelivery(store: Store, id: string): Promise<boolean> {
  return (await store.getEntry(DELIVERIES, id)) !== null
}

export async function rememberDelivery(store: Store, id: string, now: Instant): Promise<void> {
  await store.putEntry(DELIVERIES, id, '{}', { expires: now + REMEMBERED_MS })
}

function keptOf<T>(entry: Entry | null): Kept<T> | null {
  return entry && { key: entry.key, revision: entry.revision, value: JSON.parse(entry.json) as T }
}
