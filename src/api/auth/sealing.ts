/** Secrets that the server has to know again are kept sealed: AES-256-GCM, bound to where they are kept. Without a key there are none. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { Store } from '../../core/ports/store.ts'

export interface Sealer {
  /** `context` = where the secret is kept: moved elsewhere it does not open. */
  seal(text: string, context: string): string
  /** Throws SealFault: a key that is none of ours, changed bytes, another context. */
  open(sealed: string, context: string): string
}

/** The key does not fit what is kept, or does not work: nothing starts, rather than without protection. */
export class SealFault extends Error {
  override name = 'SealFault'
}

const SHELF = 'sealing'
const PROOF = 'proof'
const PROOF_TEXT = 'this store was sealed with this key'
const ALGORITHM = 'aes-256-gcm'

/** `keys` of 32 bytes each: the first one seals, all of them open; that is how a key is changed. */
export function createSealer(keys: readonly Uint8Array[]): Sealer {
  const [first] = keys
  if (first === undefined || keys.some((key) => key.byteLength !== 32)) throw new SealFault('a key has 32 bytes')
  const byId = new Map(keys.map((key) => [idOf(key), key]))
  return {
    seal(text, context) {
      const iv = randomBytes(12)
      const cipher = createCipheriv(ALGORITHM, first, iv).setAAD(Buffer.from(context))
      const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return ['s1', idOf(first), iv.toString('base64url'), bytes.toString('base64url')].join('.')
    },
    open(sealed, context) {
      const [form, id = '', iv = '', body = ''] = sealed.split('.')
      const key = byId.get(id)
      if (form !== 's1' || key === undefined) throw new SealFault('it was sealed with a key that is not given here')
      try {
        const bytes = Buffer.from(body, 'base64url')
        const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(-16))
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8')
      } catch {
        throw new SealFault('it was changed, or moved from where it was kept')
      }
    },
  }
}

/**
 * Tests itself, and the keys against the store, before anything uses them. null = no key, and nothing is sealed here. Throws
 * SealFault when the store was sealed with another key, or with one and none is given.
 */
export async function openSealer(store: Store, keys: readonly Uint8Array[] | null): Promise<Sealer | null> {
  const proof = await store.getEntry(SHELF, PROOF)
  if (keys === null) {
    if (proof === null) return null
    throw new SealFault(
      'This store keeps sealed secrets, and no key is given: set HOLDPOINT_SECRET_KEY_FILE to the key that it was used with.',
    )
  }
  const sealer = createSealer(keys)
  testItself(sealer)
  if (proof !== null) mustOpen(sealer, (JSON.parse(proof.json) as { sealed: string }).sealed)
  const sealed = sealer.seal(PROOF_TEXT, PROOF)
  // Sealed anew with the first key: the key before may be left out once everything has been.
  await store.putEntry(SHELF, PROOF, JSON.stringify({ sealed }))
  return sealer
}

/**
 * Follows a change of the keys while it is used. `changed` = the keys that stand now, or null when they are as before; it is
 * asked before each use. New keys that do not open what is kept change nothing: `onRefused` is told, and the old ones go on.
 */
export function followingSealer(
  first: Sealer,
  changed: () => readonly Uint8Array[] | null,
  onRefused: (why: string) => void,
): Sealer {
  let sealer = first
  const current = (): Sealer => {
    try {
      const keys = changed()
      if (keys !== null) sealer = successorOf(sealer, keys)
    } catch (cause) {
      onRefused(`the key for stored secrets stays as it was: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
    return sealer
  }
  return {
    seal: (text, context) => current().seal(text, context),
    open: (sealed, context) => current().open(sealed, context),
  }
}

/** Only keys that open what was sealed before may follow. Throws SealFault. */
function successorOf(before: Sealer, keys: readonly Uint8Array[]): Sealer {
  const next = createSealer(keys)
  testItself(next)
  mustOpen(next, before.seal(PROOF_TEXT, PROOF))
  return next
}

function mustOpen(sealer: Sealer, sealed: string): void {
  try {
    if (sealer.open(sealed, PROOF) === PROOF_TEXT) return
  } catch {
    // Told below.
  }
  throw new SealFault(
    'HOLDPOINT_SECRET_KEY is not the key that this store was sealed with. To change it, give the new key first and the old one on the next line.',
  )
}

function testItself(sealer: Sealer): void {
  const sealed = sealer.seal('a test', 'here')
  const opensElsewhere = (() => {
    try {
      return sealer.open(sealed, 'there') !== ''
    } catch {
      return false
    }
  })()
  if (sealer.open(sealed, 'here') !== 'a test' || sealed.includes('a test') || opensElsewhere)
    throw new SealFault('sealing does not work on this machine')
}

function idOf(key: Uint8Array): string {
  return createHash('sha256').update('holdpoint key').update(key).digest('base64url').slice(0, 8)
}
