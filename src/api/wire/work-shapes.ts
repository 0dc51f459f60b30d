/** What workers send and get: claims, heartbeats, output, results. */
import { z } from '@hono/zod-openapi'
import { accessName, placeShape } from './access-shapes.ts'
import { instant, shortText } from './shapes.ts'

const MOST_LABELS = 50
const OUTPUT_BASE64 = 6_000_000

const workerName = z.string().min(1).max(200)
const claim = z.string().min(16).max(200)
/** Who names the claim of an attempt: only the worker that made it knows it. */
const held = { name: workerName, claim }

export const claimBody = z
  .strictObject({
    ...held,
    environments: z.array(shortText).max(MOST_LABELS).nullable(),
    labels: z.array(accessName).max(MOST_LABELS).nullable(),
    urgentOnly: z.boolean(),
    waitMs: z.number().int().min(0).max(25_000),
    jobs: z.number().int().min(1).max(10_000),
    version: shortText,
  })
  .openapi('ClaimWork')

export const heartbeatBody = z.strictObject({ ...held, waitMs: z.number().int().min(0).max(25_000) })
export const outputBody = z.strictObject({ ...held, text: z.string().max(65_536) })
export const resultBody = z
  .strictObject({
    ...held,
    /** The worker's clock when it sent this: its other times are read by it. */
    sentAt: instant,
    result: z.strictObject({
      ended: z.enum(['exit', 'followed', 'timeout', 'cancelled', 'not-started', 'lost']),
      exitCode: z.number().int().nullable(),
      signal: z.string().max(20).nullable(),
      stdout: z.base64().max(OUTPUT_BASE64),
      stderr: z.base64().max(OUTPUT_BASE64),
      truncated: z.boolean(),
      output: z.record(z.string().max(1_000), z.string().max(1_100_000)),
      /** Of a command that was to be followed. */
      followed: z
        .strictObject({ lines: z.number().int().min(0), found: z.record(z.string().max(2_000), z.string().max(500)) })
        .optional(),
      startedAt: instant,
      endedAt: instant,
      why: z.string().max(20_000).nullable(),
    }),
  })
  .openapi('WorkResult')

/** Signed by the server with the worker's own token; `request` is what its launcher is asked. */
export const offerShape = z
  .looseObject({
    attempt: z.string(),
    claim: z.string(),
    request: z.looseObject({}),
    issuedAt: z.number(),
    expires: z.number(),
    signature: z.string(),
  })
  .openapi('Assignment')

export const heartbeatShape = z
  .object({ go: z.boolean(), cancel: z.boolean(), leaseMs: z.number() })
  .openapi('Heartbeat', { description: '`go` = it is yours and may run; `cancel` = stop it, whole tree' })

export const workerShape = z
  .object({
    machine: z.string(),
    name: z.string(),
    environments: z.array(z.string()).nullable(),
    labels: z.array(z.string()),
    jobs: z.number(),
    version: z.string(),
    lastSeen: z.number(),
    running: z.array(z.string()),
    places: z.array(placeShape),
  })
  .openapi('Worker', { description: '`environments` null = all that its token brings; `running` = attempts it has' })
