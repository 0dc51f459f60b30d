/** What every group of routes is built with: refusals of the shapes become problems with the same form as any other. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiEnv } from './env.ts'
import { problem } from './wire/problem.ts'

export function router(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result, context) => {
      if (result.success) return undefined
      const issues = result.error.issues.map((issue) => ({
        where: issue.path.map(String).join('.'),
        what: issue.message,
      }))
      const first = issues[0]
      const where = first === undefined || first.where === '' ? 'the request' : `"${first.where}"`
      const code = result.target === 'json' ? 'bad-body' : 'bad-query'
      return problem(context, code, `${where}: ${first?.what ?? 'not as expected'}`, { issues })
    },
  })
}

/** The description of a route says what comes back; the domain's own types make sure that it does. */
export function reply(context: Context, body: unknown, status: 200 | 201 = 200): never {
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/json' }) as never
}
