/** Passwords of local accounts: what is accepted, and how they are kept (scrypt, at a cost of its own per account). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { commonPasswords } from './common-passwords.ts'

export const SHORTEST = 12
const LONGEST = 256
/** 64 MiB and about a tenth of a second: OWASP's second choice, so that a few sign-ins at once fit a small machine. */
const COST = { N: 2 ** 16, r: 8, p: 2 } as const
const KEY_BYTES = 32

/** Why a password is not accepted, in words; null = it is. */
export function weakness(password: string, names: readonly string[]): string | null {
  if (Array.from(password).length < SHORTEST)
    return `a password has at least ${SHORTEST} characters; three or four words that do not belong together do well`
  if (password.length > LONGEST) return `a password has at most ${LONGEST} characters`
  const plain = password.toLowerCase()
  if (commonPasswords.has(plain) || commonPasswords.has(plain.replace(/[^a-z]/g, '')))
    return 'this password is on the lists that everyone who guesses begins with'
  if (new Set(plain).size < 5) return 'this password repeats a few characters only'
  const own = names.find((name) => name.length > 3 && plain.includes(name.toLowerCase()))
  return own === undefined ? null : `it contains "${own}", which anyone who guesses tries first`
}

/** `scrypt$N$r$p$salt$key`, all that is needed to check it, also after the cost has been raised. */
export async function hashOfPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$')
}

export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt, key] = kept.split('$')
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
  const expected = Buffer.from(key, 'base64')
  const found = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
  return timingSafeEqual(found, expected)
}

let dummy: Promise<string> | null = null

/** Takes as long as a real check: whether an account exists cannot be told by time. */
export async function pretendToCheck(password: string): Promise<false> {
  dummy ??= hashOfPassword(randomBytes(16).toString('hex'))
  await isPassword(password, await dummy)
  return false
}

const MOST_AT_ONCE = 2
let running = 0
const waiting: (() => void)[] = []

/** Two at a time: many sign-ins at once must not take all the memory. */
async function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  running += 1
  try {
    return await new Promise((resolve, reject) =>
      // NFKC: the same password typed on another keyboard is the same bytes.
      scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: 256 * 2 ** 20 }, (fault, key) =>
        fault === null ? resolve(key) : reject(fault),
      ),
    )
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}
