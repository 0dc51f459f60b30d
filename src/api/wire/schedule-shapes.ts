/** Shapes of schedules and of their times on the wire. */
import { z } from '@hono/zod-openapi'

export const scheduleTimeShape = z
  .object({
    at: z.number(),
    opens: z.number().openapi({ description: 'From then on a record counts for it' }),
    deadline: z.number(),
    state: z.enum(['upcoming', 'due', 'overdue', 'escalated', 'done', 'skipped', 'missed']),
    say: z.string(),
    late: z.boolean(),
    /** The record that says it was done; null = none does. */
    record: z.object({ id: z.string(), observedAt: z.number(), by: z.string() }).nullable(),
    start: z
      .object({
        state: z.enum(['started', 'refused', 'given-up']),
        release: z.string().nullable(),
        why: z.string(),
        at: z.number(),
      })
      .nullable()
      .openapi({ description: 'What became of starting it; null = nobody tried' }),
    skip: z.object({ by: z.string(), role: z.string().nullable(), reason: z.string(), at: z.number() }).nullable(),
    told: z.array(
      z.object({
        notice: z.string(),
        channel: z.string(),
        state: z.enum(['sending', 'again', 'sent', 'failed']),
        at: z.number(),
        say: z.string(),
      }),
    ),
  })
  .openapi('ScheduleTime')

export const scheduleShape = z
  .object({
    id: z.string().openapi({ description: '`project/name` of the checklist' }),
    project: z.string(),
    name: z.string(),
    service: z.string(),
    title: z.string(),
    every: z.string(),
    zone: z.string(),
    record: z.string(),
    owner: z.string().nullable(),
    to: z.array(z.string()),
    since: z.number(),
    start: z
      .object({
        drill: z.string().nullable(),
        environment: z.string().nullable(),
        giveUpMs: z.number(),
        missed: z.enum(['start', 'skip']),
      })
      .nullable()
      .openapi({ description: 'The server starts it by itself; null = people do' }),
    /** In order: those of the last year, and the next one. */
    times: z.array(scheduleTimeShape),
  })
  .openapi('Schedule')

export const runBody = z
  .strictObject({
    environment: z.string().min(1).max(100).nullable().optional(),
  })
  .openapi('RunSchedule')

export const runShape = z.object({ release: z.string(), schedule: scheduleShape }).openapi('ScheduleRun')

export const skipBody = z
  .strictObject({
    at: z.number().int(),
    reason: z.string().max(2_000),
    role: z.string().max(100).nullable().optional(),
  })
  .openapi('SkipTime')

export type Schedule = z.infer<typeof scheduleShape>
export type ScheduleTime = z.infer<typeof scheduleTimeShape>
