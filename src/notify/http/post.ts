/** Posts JSON for a channel: faults in words without the address's path, and a short wait where the other side asks for one. */
import { NotifyFault, type NotifyPowers } from '../../core/ports/notify.ts'
import { type OutboundAnswer, OutboundFault } from '../../core/ports/outbound.ts'

export type PostPowers = Pick<NotifyPowers, 'http' | 'signal' | 'clock'>

/** Longer waits are left to the engine, which comes again later. */
const longestWaitMs = 8_000

/** Any answer but a redirect followed. Throws NotifyFault where there is none. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  powers: PostPowers,
): Promise<OutboundAnswer> {
  return asked('POST', url, headers, body, powers)
}

/** As `post`, with any method; 429 as `postPatiently` has it, and 420, which some say instead. */
export async function askPatiently(
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  powers: PostPowers,
): Promise<OutboundAnswer> {
  return patiently(url, () => asked(method, url, headers, body, powers), powers)
}

/** As `post`; a 429 that asks for a short wait is asked again once. A second one, or a long wait, is a fault. */
export async function postPatiently(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  powers: PostPowers,
): Promise<OutboundAnswer> {
  return patiently(url, () => post(url, headers, body, powers), powers)
}

async function asked(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  powers: PostPowers,
): Promise<OutboundAnswer> {
  const content = body === undefined ? {} : { body }
  try {
    return await powers.http(url, { method, headers, ...content, signal: powers.signal, redirect: 'manual' })
  } catch (cause) {
    const retryable = !(cause instanceof OutboundFault) || cause.retryable
    throw new NotifyFault(cause instanceof OutboundFault ? cause.message : `${hostOf(url)} cannot be reached`, {
      retryable,
      cause,
    })
  }
}

async function patiently(url: string, ask: () => Promise<OutboundAnswer>, powers: PostPowers): Promise<OutboundAnswer> {
  const first = await ask()
  if (!isTooMany(first.status)) return first
  const waitMs = retryAfterMs(first)
  if (waitMs === null || waitMs > longestWaitMs) throw tooMany(url, first)
  await powers.clock.sleep(waitMs, powers.signal)
  const second = await ask()
  if (isTooMany(second.status)) throw tooMany(url, second)
  return second
}

function isTooMany(status: number): boolean {
  return status === 429 || status === 420
}

export function isRetryableStatus(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}

/** A path or query may carry a token, so only the host is ever said. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the address'
}

function tooMany(url: string, answer: OutboundAnswer): NotifyFault {
  const waitMs = retryAfterMs(answer)
  const wait = waitMs === null ? '' : ` and asks to wait ${Math.ceil(waitMs / 1_000)} s`
  return new NotifyFault(`${hostOf(url)} takes no more messages at the moment (${answer.status})${wait}`, {
    retryable: true,
    ...(waitMs === null ? {} : { afterMs: waitMs }),
  })
}

function retryAfterMs(answer: OutboundAnswer): number | null {
  const seconds = answer.headers.get('retry-after')
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null
}
