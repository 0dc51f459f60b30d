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
  try {
    return await powers.http(url, { method: 'POST', headers, body, signal: powers.signal, redirect: 'manual' })
  } catch (cause) {
    const retryable = !(cause instanceof OutboundFault) || cause.retryable
    throw new NotifyFault(cause instanceof OutboundFault ? cause.message : `${hostOf(url)} cannot be reached`, {
      retryable,
      cause,
    })
  }
}

/** As `post`; a 429 that asks for a short wait is asked again once. A second one, or a long wait, is a fault. */
export async function postPatiently(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  powers: PostPowers,
): Promise<OutboundAnswer> {
  const first = await post(url, headers, body, powers)
  if (first.status !== 429) return first
  const waitMs = retryAfterMs(first)
  if (waitMs === null || waitMs > longestWaitMs) throw tooMany(url, first)
  await powers.clock.sleep(waitMs, powers.signal)
  const second = await post(url, headers, body, powers)
  if (second.status === 429) throw tooMany(url, second)
  return second
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
  return new NotifyFault(`${hostOf(url)} takes no more messages at the moment (429)${wait}`, { retryable: true })
}

function retryAfterMs(answer: OutboundAnswer): number | null {
  const seconds = answer.headers.get('retry-after')
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null
}
