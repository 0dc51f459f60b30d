/** Sends what is due to webhooks: signed, claimed by one replica, again with growing pauses until it is taken or a day has passed. */
import { createHmac } from 'node:crypto'
import type { Clock } from '../../core/ports/clock.ts'
import type { NotifyPowers } from '../../core/ports/notify.ts'
import { OutboundFault } from '../../core/ports/outbound.ts'
import type { Store } from '../../core/ports/store.ts'
import type { Sealer } from '../auth/sealing.ts'
import { change, contextOf, type Delivery, due, finish, type Hook, hookOf, type Kept, removeHook } from './hooks.ts'

export interface DeliverDeps {
  readonly store: Store
  readonly clock: Clock
  readonly sealer: Sealer
  /** Reaches this address and nothing else. */
  readonly reach: (url: string) => NotifyPowers['http']
}

const CALL_MS = 10_000
const CLAIM_MS = 60_000
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 3_600_000
const GIVEN_UP_MS = 86_400_000
/** Of one webhook in one round: one that is slow keeps nobody waiting but itself. */
const MOST_AT_ONCE = 50

/** One round. Rejects when the store does not answer. */
export async function deliver(deps: DeliverDeps): Promise<void> {
  const byHook = Map.groupBy(await due(deps.store), ({ value }) => value.hook)
  await Promise.all([...byHook].map(([id, ofHook]) => deliverTo(deps, id, ofHook)))
}

/** In the order of the log, by one replica at a time: news that overtake each other tell a wrong story. */
async function deliverTo(deps: DeliverDeps, id: string, ofHook: readonly Kept<Delivery>[]): Promise<void> {
  const now = deps.clock.now()
  if (ofHook.some(({ value }) => value.isClaimed && value.notBefore > now)) return
  const hook = await hookOf(deps.store, id)
  if (hook === null) return removeHook(deps.store, id)
  const waiting = ofHook
    .filter(({ value }) => value.notBefore <= now)
    .toSorted((a, b) => a.value.position - b.value.position || a.value.queuedAt - b.value.queuedAt)
  for (const kept of waiting.slice(0, MOST_AT_ONCE)) {
    const claim = { ...kept.value, isClaimed: true, notBefore: deps.clock.now() + CLAIM_MS }
    const revision = await change(deps.store, kept, claim)
    // Another replica sends to it.
    if (revision === null) return
    const isTaken = await sendOne(deps, hook.value, { ...kept, revision })
    // The others would fare no better now.
    if (!isTaken) return
  }
}

/** False = try again later. */
async function sendOne(deps: DeliverDeps, hook: Hook, kept: Kept<Delivery>): Promise<boolean> {
  const { value } = kept
  const { isTaken, isFinal, say } = await post(deps, hook, value)
  const now = deps.clock.now()
  if (isTaken || isFinal || now - value.queuedAt > GIVEN_UP_MS) {
    await finish(deps.store, kept, { state: isTaken ? 'delivered' : 'given up', say, doneAt: now })
    return isTaken
  }
  const tries = value.tries + 1
  const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries - 1, 12))
  await change(deps.store, kept, { ...value, tries, isClaimed: false, notBefore: now + waitMs, say })
  return false
}

interface Posted {
  readonly isTaken: boolean
  /** Trying again changes nothing. */
  readonly isFinal: boolean
  readonly say: string
}

async function post({ clock, sealer, reach }: DeliverDeps, hook: Hook, { id, body }: Delivery): Promise<Posted> {
  const timestamp = String(Math.floor(clock.now() / 1_000))
  const secret = sealer.open(hook.secret, contextOf(hook.id))
  try {
    const answer = await reach(hook.url)(hook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': id,
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': hookSignature(secret, id, timestamp, body),
      },
      body,
      signal: AbortSignal.timeout(CALL_MS),
      redirect: 'manual',
    })
    const isTaken = answer.status >= 200 && answer.status < 300
    return { isTaken, isFinal: answer.status === 410, say: `answered ${answer.status}` }
  } catch (cause) {
    const say = cause instanceof OutboundFault ? cause.message : 'cannot be reached'
    return { isTaken: false, isFinal: false, say }
  }
}

/** As standardwebhooks.com has it: `v1,<base64>` over id, time and body. */
export function hookSignature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
