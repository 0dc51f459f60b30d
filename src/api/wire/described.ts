/** Shapes of answers, as the OpenAPI description shows them. */
import { z } from '@hono/zod-openapi'

export const problemShape = z
  .looseObject({
    code: z.string().openapi({ description: 'Stable; see docs/api.md' }),
    title: z.string(),
    status: z.number(),
    detail: z.string().openapi({ description: 'A sentence for the person who asked' }),
  })
  .openapi('Problem')

export const summaryShape = z
  .looseObject({
    id: z.string(),
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    phase: z.string(),
    startedAt: z.number(),
    startedBy: z.string(),
    updatedAt: z.number(),
    open: z.boolean(),
    bar: z.string(),
  })
  .openapi('ReleaseSummary')

export const viewShape = z
  .looseObject({ release: z.string(), version: z.number(), at: z.number(), phase: z.string() })
  .openapi('ReleaseView')

export const eventShape = z
  .looseObject({
    stream: z.string(),
    version: z.number(),
    position: z.number(),
    at: z.number(),
    by: z.looseObject({ id: z.string(), kind: z.string(), assurance: z.string() }),
    event: z.looseObject({ kind: z.string() }),
    previousHash: z.string(),
    hash: z.string(),
  })
  .openapi('StoredEvent')

export const recordShape = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    observedAt: z.number(),
    recordedAt: z.number(),
    by: z.string(),
    note: z.string(),
    evidence: z.array(z.string()),
    tookMs: z.number().optional(),
    outcome: z.enum(['failed']).optional(),
    environment: z.string().optional(),
    facts: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
  })
  .openapi('Record')

/** Answers of a route: what comes back when it went well, and the one form of everything else. */
export function answers(description: string, schema: z.ZodType, status: 200 | 201 = 200) {
  return {
    [status]: { description, content: { 'application/json': { schema } } },
    default: { description: 'Refused, or failed', content: { 'application/problem+json': { schema: problemShape } } },
  }
}

/** The example is one that the shape takes: the compiler looks at its form, a test at the rest. */
export function jsonBody<S extends z.ZodType>(schema: S, example?: z.input<S>) {
  const described = example === undefined ? { schema } : { schema, example }
  return { required: true, content: { 'application/json': described as { readonly schema: S } } } as const
}

export const releaseParam = z.object({
  id: z.string().min(1).max(200).openapi({ description: 'Id of a release, or its beginning' }),
})
