/** An assignment of a command to a worker: signed with what only the two know, so that nobody between them can replay, alter or delay one. */
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson, digestOf } from '../log/canonical.ts'
import type { CommandRequest } from '../ports/launcher.ts'
import type { Offer } from '../ports/work.ts'
import type { Millis } from '../units.ts'

export interface SignedOffer extends Offer {
  /** The worker's own question that this answers. */
  readonly claim: string
  /** HMAC-SHA-256, hex. */
  readonly signature: string
}

/** `secret` is the worker's token: the server sees it with every question and keeps only its hash. */
export function signOffer(secret: string, claim: string, offer: Offer): SignedOffer {
  return { ...offer, claim, signature: signatureOf(secret, claim, offer) }
}

export interface OfferAsked {
  readonly secret: string
  readonly claim: string
  /** Since the question was sent, by the worker's own clock: clocks of two machines are never compared. */
  readonly elapsedMs: Millis
  /** How long the server was asked to wait with its answer. */
  readonly waitMs: Millis
}

/** null = it may be begun; else why not, in words. */
export function faultOfOffer(offer: SignedOffer, { secret, claim, elapsedMs, waitMs }: OfferAsked): string | null {
  if (offer.claim !== claim) return 'it answers another question: an answer of before was sent again'
  if (!isSame(offer.signature, signatureOf(secret, claim, offer)))
    return 'its signature does not fit: it was altered on the way, or comes from somebody else'
  if (offer.request.attempt !== offer.attempt) return 'it names two attempts'
  if (!(elapsedMs <= waitMs + (offer.expires - offer.issuedAt))) return 'it comes too late'
  return null
}

function signatureOf(secret: string, claim: string, { attempt, request, issuedAt, expires }: Offer): string {
  const signed = { attempt, epoch: request.epoch, claim, issuedAt, expires, request: digestOfRequest(request) }
  return bytesToHex(hmac(sha256, keyOf(secret), utf8ToBytes(canonicalJson(signed))))
}

/** Of the request as JSON: what is absent stays absent. */
function digestOfRequest(request: CommandRequest): string {
  return digestOf(JSON.parse(JSON.stringify(request)))
}

function keyOf(secret: string): Uint8Array {
  return hkdf(sha256, utf8ToBytes(secret), utf8ToBytes('holdpoint work'), utf8ToBytes('assignment 1'), 32)
}

/** In a time that does not tell how much fits. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < other.length; i += 1) difference |= (one.charCodeAt(i) || 0) ^ other.charCodeAt(i)
  return difference === 0
}
