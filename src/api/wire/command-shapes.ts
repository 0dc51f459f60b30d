/** What a person may ask of a running release, as it comes over the wire. Strict: an unknown field is refused. */
import { z } from '@hono/zod-openapi'
import { documentBody, evidence, fieldValues, instant, shortText, text } from './shapes.ts'

const step = shortText
const role = shortText
const why = text
/** Id of a message, as the release shows it. */
const message = shortText

const command = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('Answer'),
    step,
    answer: text,
    note: text.nullable(),
    fields: fieldValues,
    evidence: z.array(evidence).max(100),
  }),
  z.strictObject({
    kind: z.literal('Approve'),
    step,
    role: role.nullable(),
    digest: shortText.nullable(),
    typed: shortText.nullable(),
    note: text.nullable(),
  }),
  z.strictObject({ kind: z.literal('Reject'), step, role: role.nullable(), why }),
  z.strictObject({ kind: z.literal('RoleNotNeeded'), step, role, as: role, reason: text }),
  z.strictObject({ kind: z.literal('RevokeApproval'), step, why }),
  z.strictObject({ kind: z.literal('Waive'), step, reason: text, role, expires: instant.nullable() }),
  z.strictObject({ kind: z.literal('MarkNotApplicable'), step, reason: text, role: role.nullable() }),
  z.strictObject({ kind: z.literal('Assign'), step, to: shortText }),
  z.strictObject({ kind: z.literal('Retry'), step }),
  z.strictObject({
    kind: z.literal('Promote'),
    stage: z.number().int().min(0).nullable(),
    role: role.nullable(),
    reason: text.nullable(),
  }),
  z.strictObject({ kind: z.literal('HandOver'), step, notes: text }),
  z.strictObject({
    kind: z.literal('Acknowledge'),
    step,
    role: role.nullable(),
    digest: shortText.nullable(),
    note: text.nullable(),
  }),
  z.strictObject({ kind: z.literal('BePresent'), until: instant.nullable() }),
  z.strictObject({ kind: z.literal('EndPresence'), why }),
  z.strictObject({ kind: z.literal('Hold'), why }),
  z.strictObject({ kind: z.literal('Resume'), why }),
  z.strictObject({ kind: z.literal('Abort'), why, leave: z.boolean(), typed: shortText.nullable() }),
  z.strictObject({ kind: z.literal('Rollback'), why }),
  z.strictObject({ kind: z.literal('Settle'), step, as: z.enum(['done', 'failed', 'retry']), why }),
  z.strictObject({ kind: z.literal('Amend'), document: documentBody, role, reason: text }),
  z.strictObject({
    kind: z.literal('SetKnownIssue'),
    step,
    id: shortText.nullable(),
    issue: text.nullable(),
    workaround: text.nullable(),
    severity: shortText.nullable(),
    target: shortText.nullable(),
  }),
  z.strictObject({ kind: z.literal('CloseKnownIssue'), step, id: shortText, why }),
  z.strictObject({
    kind: z.literal('SetRow'),
    step,
    table: shortText,
    id: shortText.nullable(),
    cells: fieldValues,
  }),
  z.strictObject({ kind: z.literal('RemoveRow'), step, table: shortText, id: shortText, why: text.nullable() }),
  z.strictObject({ kind: z.literal('Rewatch'), step, extendMs: z.number().int().positive().nullable(), why }),
  z.strictObject({
    kind: z.literal('AddFollowUp'),
    title: shortText,
    severity: z.enum(['high', 'normal', 'low']),
    owner: shortText.nullable(),
    due: instant.nullable(),
    link: shortText.nullable(),
  }),
  z.strictObject({ kind: z.literal('DeclareIncident'), severity: shortText, reason: text }),
  z.strictObject({
    kind: z.literal('SetIncidentStatus'),
    incident: shortText.nullable(),
    status: z.enum(['investigating', 'identified', 'monitoring', 'resolved']),
    note: text.nullable(),
  }),
  z.strictObject({ kind: z.literal('OverrideWindow'), phase: shortText.nullable(), role, reason: text }),
  z.strictObject({ kind: z.literal('Reschedule'), to: instant, reason: text }),
  z.strictObject({ kind: z.literal('Note'), step: step.nullable(), note: text }),
  z.strictObject({ kind: z.literal('EditMessage'), message, subject: text, body: text }),
  z.strictObject({ kind: z.literal('SendMessage'), message, role: role.nullable() }),
  z.strictObject({ kind: z.literal('DropMessage'), message, why }),
  z.strictObject({ kind: z.literal('ConfirmMessage'), message, note: text, evidence: z.array(evidence).max(100) }),
  z.strictObject({ kind: z.literal('WaiveMessage'), message, role, reason: text }),
])

export const commandBody = z
  .strictObject({
    command,
    /** Version of the release that the person saw; null = whatever stands now. */
    seen: z.number().int().min(0).nullable(),
    /** Armored SSH signature over the statement of this decision, which then names what was seen. */
    signature: z.string().max(20_000).nullable().optional(),
  })
  .openapi('Command')

export type CommandBody = z.infer<typeof commandBody>
