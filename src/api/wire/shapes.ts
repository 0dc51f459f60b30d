/** What callers may send, field by field: anything else is refused. */
import { z } from '@hono/zod-openapi'

const MAX_TEXT = 20_000
export const shortText = z.string().min(1).max(300)
export const text = z.string().max(MAX_TEXT)
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')
export const instant = z.number().int().min(0).max(8.64e15)
/** Keys come from outside: none may name a member that every object has. */
const key = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !(name in {}), 'this name is reserved')

export const evidence = z.strictObject({
  name: shortText,
  sha256,
  size: z.number().int().min(0),
  mediaType: z.string().min(1).max(200),
  truncated: z.boolean(),
})

/** Calendar files that the windows of a checklist name. */
export const calendarsBody = z
  .array(z.strictObject({ file: z.string().min(1).max(500), text: z.string().max(200_000) }))
  .max(10)
  .readonly()

export const documentBody = z
  .strictObject({
    file: z.string().min(1).max(4_096),
    base64: z.base64().max(600_000),
    shared: z.strictObject({ file: z.string().min(1).max(4_096), text: z.string().max(600_000) }).nullable(),
    calendars: calendarsBody.optional(),
    digest: sha256,
  })
  .openapi('Document')

export const inputValues = z.record(key, z.union([z.string().max(MAX_TEXT), z.number(), z.boolean()]))
export const fieldValues = z.record(key, z.string().max(MAX_TEXT))

const environmentValues = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(64_000))

export const startBody = z
  .strictObject({
    document: documentBody,
    version: shortText,
    previous: shortText.nullable(),
    environment: shortText,
    inputs: inputValues,
    workspace: z.strictObject({
      root: z.string().min(1).max(4_096),
      commit: z.string().max(100).nullable(),
      dirty: z.boolean(),
    }),
    artefact: z.string().min(1).max(1_000).nullable(),
    supersede: z.boolean(),
    rehearsal: z.boolean(),
    /** It is taken back as soon as it is out: a rehearsal of the way back, from `version` to `previous`. */
    andBack: z.literal(true).optional(),
    /** A `kind: drill` phase, by its id or title: only that runs. */
    drill: shortText.optional(),
    idempotencyKey: z.string().min(1).max(200).nullable(),
    /** The project of a server that a new service is to belong to; known for a service that belongs to one. */
    project: shortText.nullable().optional(),
    /** Stands in line where the target is busy, at most so long; `forMs: null` = until its turn comes. Absent = it is refused. */
    queue: z
      .strictObject({ forMs: z.number().int().min(1_000).max(31_536_000_000).nullable() })
      .nullable()
      .optional(),
    /** When the first rollout is to begin. */
    plannedAt: instant.optional(),
    /** Why it is started although its lead times cannot be kept. */
    lateWhy: text.optional(),
    /** Begin although a window is closed or has no room. */
    override: z.strictObject({ role: shortText, reason: text }).optional(),
    /** What it mends, and the git tag and commit that it was derived from. */
    hotfixOf: z
      .strictObject({
        release: shortText.nullable(),
        tag: shortText.nullable(),
        commit: z
          .string()
          .regex(/^[0-9a-f]{7,64}$/, 'expected the hash of a commit')
          .nullable(),
      })
      .optional(),
    /** Values of the names under `env:`, from the terminal that runs the release. */
    env: environmentValues.optional(),
  })
  .openapi('StartRelease')

export const recordBody = z
  .strictObject({
    name: shortText,
    observedAt: instant,
    note: text,
    evidence: z.array(sha256).max(100),
    /** How long what was observed took, such as a restore. */
    tookMs: z.number().int().min(0).max(3_153_600_000_000).nullable().optional(),
    /** `failed`: it was tried and did not do; such a record opens nothing. */
    outcome: z.enum(['passed', 'failed']).optional(),
    /** Where it was done, such as `staging`. */
    environment: shortText.optional(),
    /** Numbers and words of it; durations are seconds. */
    facts: z
      .record(z.string().regex(/^[A-Za-z][\w.-]{0,59}$/), z.union([z.number(), z.boolean(), z.string().max(300)]))
      .refine((facts) => Object.keys(facts).length <= 40, { error: 'at most 40 facts' })
      .optional(),
    /** On a server: whose record it is. */
    project: shortText.nullable().optional(),
  })
  .openapi('NewRecord')

export const secretsBody = z.strictObject({ secrets: environmentValues }).openapi('LentSecrets')

export const environmentBody = z.strictObject({ env: environmentValues }).openapi('LentEnvironment')
