/** What every group of routes is built with: refusals of the shapes become problems with the same form as any other. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiEnv } from './env.ts'
import { problem } from './wire/problem.ts'

/** A refusal is short, however much was wrong: it names what it was sent. */
const MOST_ISSUES = 20
const LONGEST_WORDS = 300

export function router(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result, context) => {
      if (result.success) return undefined
      const issues = result.error.issues.slice(0, MOST_ISSUES).map((issue) => ({
        where: cut(issue.path.map(String).join('.')),
        what: cut(wordsOf(issue)),
      }))
      const first = issues[0]
      const where = first === undefined || first.where === '' ? 'the request' : `"${first.where}"`
      const code = result.target === 'json' ? 'bad-body' : 'bad-query'
      return problem(context, code, `${where}: ${first?.what ?? 'not as expected'}`, { issues })
    },
  })
}

/** Of a text that is too short or too long, in words of ours; everything else says itself what it expects. */
function wordsOf(issue: { readonly code?: string; readonly message: string }): string {
  const { origin, minimum, maximum } = issue as Readonly<Record<string, unknown>>
  if (origin !== 'string') return issue.message
  if (issue.code === 'too_small')
    return minimum === 1 ? 'is empty, and it is needed' : `has fewer than ${String(minimum)} characters`
  return issue.code === 'too_big' ? `has more than ${String(maximum)} characters` : issue.message
}

function cut(words: string): string {
  return words.length <= LONGEST_WORDS ? words : `${words.slice(0, LONGEST_WORDS)}…`
}

/** The description of a route says what comes back; the domain's own types make sure that it does. */
export function reply(context: Context, body: unknown, status: 200 | 201 = 200): never {
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/json' }) as never
}
