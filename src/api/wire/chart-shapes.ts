/** The shape of a chart on the wire, as the description of the API shows it. */
import { z } from '@hono/zod-openapi'

const column = z.array(z.number().nullable())

export const chartShape = z
  .object({
    step: z.string(),
    policy: z.enum(['statistical', 'threshold', 'mann-whitney']),
    everyMs: z.number(),
    soaks: z.array(z.object({ stage: z.number().nullable(), startedAt: z.number(), endedAt: z.number().nullable() })),
    metrics: z.array(
      z.object({
        label: z.string(),
        metric: z.string(),
        quantile: z.number().nullable(),
        unit: z.enum(['ratio', 'seconds', 'plain']),
        dryRun: z.boolean(),
        windowMs: z.number(),
        limits: z.array(
          z.object({
            kind: z.enum(['go', 'rollback']),
            stage: z.number().nullable(),
            value: z.number(),
            text: z.string(),
          }),
        ),
        versusStable: z.array(z.string()),
        queries: z.record(z.string(), z.string()),
        source: z.string().nullable(),
      }),
    ),
    arms: z
      .object({ canary: z.record(z.string(), z.string()), stable: z.record(z.string(), z.string()) })
      .nullable()
      .openapi({ description: 'What `{{arm}}` in a query becomes' }),
    harm: z.array(
      z.object({
        metric: z.string(),
        requests: z.number(),
        failed: z.number(),
        wouldHave: z.number().nullable().openapi({ description: "At stable's share; null = stable had no requests" }),
      }),
    ),
    from: z.array(z.number()),
    to: z.array(z.number()),
    history: z.number().openapi({ description: 'So many of the first intervals are from before the rollout' }),
    zones: z.string().openapi({ description: 'A letter per interval: g go, h hold, r rollback, - not judged' }),
    columns: z.record(
      z.string(),
      z.object({
        canary: column,
        stable: column,
        canaryAlone: column.openapi({ description: "Of the interval alone; `canary` is told over the judge's window" }),
        low: column.openapi({ description: 'Canary / stable, the interval that may be read at any time' }),
        high: column,
        slowerThan: z.number().nullable(),
        ratioLimits: z.object({ go: z.number().nullable(), rollback: z.number().nullable() }),
        zones: z.string(),
      }),
    ),
    more: z.boolean().openapi({ description: 'Ask again after the last `to`' }),
  })
  .openapi('Chart')
