/** Shapes of the board and the timeline on the wire: what a page shows of many releases, and of the past of one. */
import { z } from '@hono/zod-openapi'
import { summaryShape } from './described.ts'

const instantOrNull = z.number().nullable()

export const boardLineShape = summaryShape
  .extend({
    name: z.string(),
    /** As `bar` of the release's view; null = too many are open for a look at each. */
    now: z
      .object({
        tone: z.enum(['good', 'busy', 'person', 'bad']),
        now: z.string(),
        who: z.string().nullable(),
        since: instantOrNull,
        next: z.string().nullable(),
        nextAt: instantOrNull,
      })
      .nullable(),
    /** Something waits for the caller, or for a role of theirs. */
    isYours: z.boolean(),
    closed: z.number(),
    steps: z.number(),
  })
  .openapi('BoardLine')

export const boardShape = z
  .object({
    /** Place in the log: given as `known` it asks for news only. */
    head: z.number(),
    at: z.number(),
    /** Open releases, newest first; null = nothing has happened since `known`. */
    lines: z.array(boardLineShape).nullable(),
    /** How many have ended; null = not told: nothing has happened, or some of them the caller may not see. */
    ended: z.number().nullable(),
    /** Starts that stand in line for a busy target; null as `lines`. */
    inLine: z
      .array(
        z.object({ release: z.string(), version: z.string(), by: z.string(), target: z.string(), say: z.string() }),
      )
      .nullable(),
  })
  .openapi('Board')

export const timelineShape = z
  .object({
    version: z.number(),
    at: z.number(),
    who: z.string(),
    kind: z.string(),
    say: z.string(),
    step: z.string().nullable(),
  })
  .openapi('TimelineLine')

export const releasePersonShape = z
  .object({ id: z.string(), name: z.string(), roles: z.array(z.string()) })
  .openapi('ReleasePerson')

export interface ReleasePerson {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
}

export type BoardLine = z.infer<typeof boardLineShape> & {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly version: string
  readonly phase: string
  readonly startedAt: number
  readonly startedBy: string
  readonly updatedAt: number
  readonly open: boolean
  readonly bar: string
}
export interface BoardAnswer {
  readonly head: number
  readonly at: number
  readonly lines: readonly BoardLine[] | null
  readonly ended: number | null
  readonly inLine: readonly BoardWaiting[] | null
}
export interface BoardWaiting {
  readonly release: string
  readonly version: string
  readonly by: string
  readonly target: string
  readonly say: string
}
export type TimelineLine = z.infer<typeof timelineShape>
