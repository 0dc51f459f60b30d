/** A request on one line, as settings of a security probe write it: `POST /orders { "item": "PAYLOAD" }`. */
import { z } from 'zod'

export interface RequestLine {
  readonly method: string
  /** With its query, from the first slash. */
  readonly path: string
  readonly body: string | null
}

/** Spaces inside of {{ }} belong to the path. */
const shape = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/(?:\{\{[^{}\s]*\s*[^{}\s]*\s*\}\}|\S)*)(?: (\S.*))?$/s
const reading = new Set(['GET', 'HEAD', 'OPTIONS'])

export const requestField = z
  .string()
  .refine((text) => shape.test(text.trim()), { error: 'expected a method and a path, such as GET /v1/orders' })
  .refine((text) => !(reading.has(text.trim().split(' ')[0] ?? '') && lineOf(text).body !== null), {
    error: 'a GET has no body; expected POST, PUT or PATCH, such as POST /v1/orders { "item": "x" }',
  })

/** The schema has accepted the text. */
export function lineOf(text: string): RequestLine {
  const [, method = 'GET', path = '/', body] = shape.exec(text.trim()) ?? []
  return { method, path, body: body ?? null }
}

/** Changes nothing on the other side, as far as HTTP says. */
export function isReading(text: string): boolean {
  return reading.has(lineOf(text).method)
}

/** A form unless it begins as JSON does. */
export function typeOf(body: string): string {
  return /^\s*[{[]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded'
}
