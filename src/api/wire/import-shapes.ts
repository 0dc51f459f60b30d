/** Shapes of importing, lint and registered checklists on the wire. */
import { debtShape } from './plan-shapes.ts'
import { z } from '@hono/zod-openapi'
import { summaryShape } from './described.ts'
import { calendarsBody, shortText } from './shapes.ts'

const fileName = z.string().min(1).max(4_096)
/** One checklist of at most 450,000 bytes, as where it is registered. */
const documentBytes = z.base64().max(600_000)
const place = z.number().int().min(0).max(100_000)
const sharedBody = z.strictObject({ file: fileName, text: z.string().max(600_000) }).nullable()

const previewFields = {
  file: fileName,
  base64: documentBytes,
  /** Mend a damaged encoding. */
  repair: z.boolean().default(false),
  /** Text of a copy that importing wrote before: its decisions are found again. */
  earlier: z.string().max(900_000).nullable().default(null),
}

export const previewBody = z.strictObject(previewFields).openapi('ImportDocument')

export const copyBody = z
  .strictObject({
    ...previewFields,
    out: fileName,
    accepted: z.array(z.strictObject({ at: place, block: z.string().min(1).max(20_000) })).max(5_000),
    skipped: z.array(place).max(20_000).default([]),
    /** What is released; null = as the document says, or by its title. Only where it has no front matter of its own. */
    service: shortText.nullable().default(null),
    shared: sharedBody.default(null),
    calendars: calendarsBody.optional(),
  })
  .openapi('WriteCopy')

export const lintBody = z
  .strictObject({
    file: fileName,
    base64: documentBytes,
    shared: sharedBody.default(null),
    calendars: calendarsBody.optional(),
    /** Mend what needs no decision; the answer carries the mended text. */
    fix: z.boolean().default(false),
  })
  .openapi('LintDocument')

const problemLine = z.looseObject({
  line: z.number(),
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  found: z.string(),
  expected: z.string(),
  example: z.string(),
})

const ladderShape = z
  .object({ steps: z.number(), machine: z.number(), attested: z.number(), manual: z.number() })
  .openapi('Ladder')

const planFacts = z
  .looseObject({
    digest: z.string(),
    name: z.string(),
    service: z.string(),
    environments: z.array(z.object({ name: z.string(), protected: z.boolean() })),
    ladder: ladderShape,
  })
  .openapi('PlanFacts')

export const previewShape = z
  .looseObject({
    imported: z.looseObject({}).openapi({ description: 'As `holdpoint import --json` prints it' }),
    coverageLine: z.string(),
    asks: z.array(z.number()),
    hasFrontMatter: z.boolean(),
  })
  .openapi('ImportPreview')

export const copyShape = z
  .looseObject({
    text: z.string().nullable(),
    written: z.array(z.looseObject({ at: z.number(), block: z.string() })),
    leftOut: z.array(z.looseObject({ line: z.number(), found: z.string(), expected: z.string() })),
    problems: z.array(problemLine),
    plan: planFacts.nullable(),
    difference: z.array(z.looseObject({ skipped: z.number(), lines: z.array(z.looseObject({})) })),
    restored: z.object({ sha256: z.string(), isSame: z.boolean() }).nullable(),
  })
  .openapi('WrittenCopy')

export const lintShape = z
  .looseObject({
    problems: z.array(problemLine),
    declared: z.boolean(),
    plan: planFacts.nullable(),
    fixed: z.array(z.object({ line: z.number(), code: z.string(), what: z.string() })),
    text: z.string().nullable(),
  })
  .openapi('Lint')

const retiredShape = z.object({ at: z.number(), by: z.string(), reason: z.string() }).nullable()

const versionShape = z
  .looseObject({
    /** From 1, one more with each registration. */
    number: z.number(),
    sha256: z.string(),
    plan: z.string(),
    service: z.string(),
    registeredAt: z.number(),
    registeredBy: z.string(),
  })
  .openapi('ChecklistVersion')

export const checklistAboutShape = z
  .looseObject({
    project: z.string(),
    name: z.string(),
    /** Newest first. */
    versions: z.array(versionShape),
    retired: retiredShape,
    plan: planFacts.nullable(),
    problems: z.array(problemLine),
    coverageLine: z.string(),
    phases: z.array(z.looseObject({ title: z.string(), kind: z.string(), steps: z.array(z.looseObject({})) })),
    needs: z.array(z.looseObject({ name: z.string(), maxAgeMs: z.number() })),
    /** Releases of the same service, newest first; `made` = the version they were made with, null = another document. */
    releases: z.array(summaryShape.extend({ made: z.number().nullable(), rehearsal: z.boolean() })),
    debt: z.array(debtShape).openapi({ description: 'Steps that its last releases let pass again and again' }),
  })
  .openapi('ChecklistAbout')
