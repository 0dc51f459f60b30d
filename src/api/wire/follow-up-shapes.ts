/** Shapes of follow-ups on the wire. */
import { z } from '@hono/zod-openapi'
import type { FollowUp } from '../../core/ports/follow-up.ts'
import { instant, shortText, text } from './shapes.ts'

const severity = z.enum(['high', 'normal', 'low'])
/** A browser opens it: an address of the web and nothing else. */
const link = z
  .string()
  .max(1_000)
  .regex(/^https?:\/\//, 'expected an address such as https://tickets.example/OPS-42')

export const followUpBody = z
  .strictObject({
    title: shortText,
    service: shortText,
    environment: shortText.nullable().default(null),
    severity: severity.default('normal'),
    owner: shortText.nullable().default(null),
    due: instant.nullable().default(null),
    link: link.nullable().default(null),
    note: text.default(''),
  })
  .openapi('NewFollowUp')

export const followUpChange = z.strictObject({
  severity: severity.optional(),
  owner: shortText.nullable().optional(),
  due: instant.nullable().optional(),
  link: link.nullable().optional(),
})

export const followUpShape = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    kind: z.string(),
    severity: z.string(),
    service: z.string(),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    owner: z.string().nullable(),
    due: z.number().nullable(),
    link: z.string().nullable(),
    note: z.string(),
    by: z.string(),
    at: z.number(),
    closed: z.looseObject({ by: z.string(), at: z.number(), note: z.string() }).nullable(),
    overdue: z.boolean(),
  })
  .openapi('FollowUp')

export type ToldFollowUp = FollowUp & { readonly overdue: boolean }
