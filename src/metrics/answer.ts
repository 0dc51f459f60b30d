/** Asks an address for text: bounded in time and size, and every way it can go wrong has a sentence of its own. */
import { z } from 'zod'
import { parseDuration } from '../core/plan/duration.ts'
import type { MetricPowers } from '../core/ports/metrics.ts'
import type { Millis } from '../core/units.ts'

export type Answer =
  | { readonly kind: 'text'; readonly status: number; readonly type: string; readonly text: string }
  | { readonly kind: 'fault'; readonly why: string }

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Bounds {
  readonly timeoutMs: Millis
  readonly mostBytes: number
}

/** An address this source reads; it may hold `{{ input.NAME }}`. */
export const addressField = z.string().refine((text) => /^(?:https?:\/\/\S|\{\{)/.test(text), {
  error: 'expected an address such as http://127.0.0.1:9090',
})

/** `5s`, or milliseconds as the plan has them. */
export const timeoutField = z
  .union([
    z.number().int().positive(),
    z.string().refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 5s' }),
  ])
  .default('5s')

export function millisOf(duration: number | string): Millis {
  if (typeof duration === 'number') return duration
  const known = parseDuration(duration)
  return known.ok && known.value > 0 ? known.value : 5000
}

export async function ask(request: Request, bounds: Bounds, powers: MetricPowers): Promise<Answer> {
  const limit = limitOf(powers.signal, bounds.timeoutMs)
  try {
    const { url, ...init } = request
    const response = await powers.http(url, { ...init, signal: limit.signal, redirect: 'manual' })
    if (response.redirected || (response.status >= 300 && response.status < 400))
      return fault(`redirected to ${response.headers.get('location') ?? 'another address'}`)
    const bytes = await response.bytes()
    if (bytes.byteLength > bounds.mostBytes)
      return fault(`the answer is larger than ${Math.round(bounds.mostBytes / 1e6)} MB`)
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    return { kind: 'text', status: response.status, type: response.headers.get('content-type') ?? '', text }
  } catch (error) {
    if (limit.isOver()) return fault(`no answer within ${bounds.timeoutMs / 1000} s`)
    if (powers.signal.aborted) return fault('cancelled')
    return fault(`cannot be reached: ${reasonOf(error)}`)
  } finally {
    limit.drop()
  }
}

/** As `AbortSignal.any` with a time-out would be, without what these leave behind for the collector thousands of times a second. */
function limitOf(signal: AbortSignal, timeoutMs: Millis) {
  const controller = new AbortController()
  let isOver = false
  const cancel = (): void => controller.abort(signal.reason)
  const timer = setTimeout(() => {
    isOver = true
    controller.abort()
  }, timeoutMs)
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  return {
    signal: controller.signal,
    isOver: () => isOver,
    drop: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    },
  }
}

export function isHtml(answer: { readonly type: string; readonly text: string }): boolean {
  return /\bhtml\b/i.test(answer.type) || /^\s*<(!doctype|html)/i.test(answer.text)
}

/** The innermost cause says most: `fetch failed` hides `ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  const code = (error as NodeJS.ErrnoException).code
  return code !== undefined && !error.message.includes(code) ? `${code} ${error.message}` : error.message
}

function fault(why: string): Answer {
  return { kind: 'fault', why }
}
