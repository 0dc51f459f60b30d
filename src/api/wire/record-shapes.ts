/** Shapes of what records are asked for, and of drills, on the wire. */
import { z } from '@hono/zod-openapi'
import { calendarUnits } from '../../core/records/age.ts'
import type { ReleaseSummary } from '../../core/ports/store.ts'
import { summaryShape } from './described.ts'

export const neededShape = z
  .object({
    name: z.string(),
    maxAgeMs: z.number(),
    calendar: z.object({ unit: z.enum(calendarUnits), back: z.number(), zone: z.string() }).optional(),
    warnMs: z.number().optional(),
    evidence: z.enum(['required']).optional(),
    environment: z.string().optional(),
    limits: z.record(z.string(), z.string()).optional(),
    /** How old it may be, in words: `30d`, `the last calendar quarter (UTC)`. */
    age: z.string(),
    /** The last instant at which the newest record that fits satisfies it; null = none does now. */
    until: z.number().nullable(),
    /** How it stands, in one sentence. */
    say: z.string(),
    drill: z.string().nullable(),
    step: z.string(),
    text: z.string(),
    by: z.object({
      kind: z.enum(['checklist', 'release']),
      /** `project/name` of a checklist, or the id of a release. */
      id: z.string(),
      service: z.string(),
      project: z.string().nullable(),
    }),
  })
  .openapi('NeededRecord')

export const drillShape = summaryShape
  .extend({
    rehearsal: z.boolean(),
    drill: z.string().nullable().openapi({ description: 'Title of the drill; null = it is none' }),
    /** null = it was not taken back. */
    back: z
      .object({
        why: z.string(),
        cause: z.string(),
        by: z.string(),
        startedAt: z.number(),
        tookMs: z.number().nullable(),
        failed: z.string().nullable(),
      })
      .nullable(),
  })
  .openapi('Drill')

export type NeededRecord = z.infer<typeof neededShape>
export type Drill = ReleaseSummary & Pick<z.infer<typeof drillShape>, 'rehearsal' | 'drill' | 'back'>
