/** The code that an authenticator app shows now, from the seed it was given (RFC 6238, with the usual SHA-1, 30 seconds and 6 digits). */
import { createHmac } from 'node:crypto'
import { ConfigFault } from './fields.ts'

const PERIOD_SECONDS = 30
const DIGITS = 6
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `seed` is base32, as a setup page shows it; throws ConfigFault when it is not. */
export function oneTimeCode(seed: string, nowMs: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 1_000 / PERIOD_SECONDS)))
  const digest = createHmac('sha1', bytesOf(seed)).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 0xf
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** DIGITS).padStart(DIGITS, '0')
}

function bytesOf(seed: string): Buffer {
  const values = Array.from(seed.replace(/[\s=-]/g, '').toUpperCase()).map((letter) => letters.indexOf(letter))
  if (values.length < 16 || values.includes(-1))
    throw new ConfigFault('the seed of a one-time code is not base32 of at least 16 letters, such as JBSWY3DPEHPK3PXP')
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
}
