/** What every request passes before any route: a cap on its body, JSON without traps, and faults told in one form. */
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { StoreFault, VersionConflict } from '../core/ports/store.ts'
import { problem, RouteRefusal } from './wire/problem.ts'

const MEBIBYTE = 1 << 20
export const JSON_CAP = 2 * MEBIBYTE
/** Of whom nobody knows who they are: a sign-in is small. */
export const STRANGER_CAP = MEBIBYTE / 64
/** Of a pressed button, with the message around it. */
export const SLACK_CAP = MEBIBYTE / 8
/** Of a command: two outputs of 1 MiB, in base64, and its captures. */
export const RESULT_CAP = 8 * MEBIBYTE
export const EVIDENCE_CAP = 64 * MEBIBYTE

export function cappedBody(maxBytes: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: maxBytes,
    onError: (context) =>
      problem(
        context,
        'body-too-large',
        `The body is larger than ${maxBytes >= MEBIBYTE ? `${maxBytes / MEBIBYTE} MiB` : `${maxBytes / 1024} KiB`}, the most this address takes.`,
      ),
  })
}

/**
 * A member called `__proto__` is never a mistake: refused before any code could copy it onto an object.
 * The text is kept by the request, so the route's own parsing costs no second read.
 */
export const plainJson = createMiddleware(async (context, next) => {
  if (context.req.method !== 'POST') return next()
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/json\b/i.test(type))
    return problem(
      context,
      'not-json',
      `The body is "${type || 'without a type'}"; expected content-type: application/json`,
    )
  const trouble = troubleIn(await context.req.text())
  return trouble === null ? next() : problem(context, 'bad-body', trouble)
})

function troubleIn(text: string): string | null {
  let polluted = false
  try {
    JSON.parse(text, (key, value: unknown) => {
      polluted ||= key === '__proto__'
      return value
    })
  } catch (cause) {
    if (cause instanceof RangeError) return 'The body is nested too deeply.'
    return `The body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`
  }
  return polluted ? 'The body has a member "__proto__", which nothing here is called.' : null
}

export function toldFault(cause: unknown, context: Context, log: (line: string) => void): Response {
  if (cause instanceof RouteRefusal) return problem(context, cause.code, cause.message, cause.extras)
  if (cause instanceof HTTPException)
    return problem(context, cause.status === 413 ? 'body-too-large' : 'bad-body', cause.message)
  if (cause instanceof VersionConflict)
    return problem(context, 'stale-view', 'Someone else was quicker. Look again and decide again.')
  if (cause instanceof StoreFault)
    return problem(context, cause.isFull ? 'store-full' : 'store-fault', withoutPlace(cause), {
      retryable: cause.retryable,
    })
  log(
    `bug in ${context.req.method} ${context.req.path}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
  )
  return problem(context, 'bug', 'The engine made a mistake; its log has the details.')
}

/** Strangers get this too, while nobody can be told from them: they need not know where the database is. */
function withoutPlace({ message, where }: StoreFault): string {
  return where === null ? message : message.replaceAll(` at ${where}`, '')
}
