/** Shapes of targets on the wire: who holds each, what serves there, and who stands in line. */
import { z } from '@hono/zod-openapi'

const instantOrNull = z.number().nullable()

export const targetShape = z
  .object({
    /** As sentences name it: `checkout in production`, `the lock shop-cluster`. */
    name: z.string(),
    kind: z.enum(['target', 'lock']),
    /** null = a lock that services share. */
    service: z.string().nullable(),
    environment: z.string().nullable(),
    /** Version that users run now, as far as known. */
    serving: z.string().nullable(),
    holder: z
      .object({
        release: z.string(),
        service: z.string(),
        environment: z.string(),
        version: z.string(),
        since: z.number(),
        startedBy: z.string(),
        /** Title of the phase that it holds this for; null = its own target. */
        phase: z.string().nullable(),
        state: z.string(),
        /** What it does now, as its bar says. */
        now: z.string(),
        /** Whom it waits for; null = nobody. */
        who: z.string().nullable(),
        /** Its watch may be ended by a start that supersedes it. */
        supersedable: z.boolean(),
        /** How it ends, and who may end it now. */
        ends: z.string(),
      })
      .nullable(),
    /** First come, first served. */
    line: z.array(
      z.object({
        release: z.string(),
        version: z.string(),
        by: z.string(),
        since: z.number(),
        until: instantOrNull,
        supersede: z.boolean(),
        /** `2nd in line, behind checkout 1.4.1`. */
        say: z.string(),
      }),
    ),
    /** The last few that left the line without beginning, newest first. */
    withdrawn: z.array(
      z.object({
        release: z.string(),
        version: z.string(),
        by: z.string(),
        at: z.number(),
        how: z.enum(['left', 'expired', 'refused']),
        why: z.string(),
      }),
    ),
  })
  .openapi('Target')

export type TargetView = z.infer<typeof targetShape>

export const leaveLineBody = z.strictObject({ why: z.string().max(4_000) }).openapi('LeaveLine')
