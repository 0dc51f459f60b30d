/** Every answer that is not a success has this shape: problem+json (RFC 9457) with a stable code. */
import type { Context } from 'hono'
import { type Code, statusOf } from './codes.ts'

export interface ProblemExtras {
  readonly [member: string]: unknown
}

/** Thrown inside a route, turned into an answer in one place. */
export class RouteRefusal extends Error {
  override name = 'RouteRefusal'
  readonly code: Code
  readonly extras: ProblemExtras
  constructor(code: Code, reason: string, extras: ProblemExtras = {}) {
    super(reason)
    this.code = code
    this.extras = extras
  }
}

export function problem(context: Context, code: Code, reason: string, extras: ProblemExtras = {}): Response {
  const status = statusOf(code)
  const body = { ...extras, type: 'about:blank', title: code, status, code, detail: reason }
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}
