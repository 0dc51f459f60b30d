/** Shapes of people, rights and tokens on the wire. */
import { z } from '@hono/zod-openapi'
import { instant, sha256, shortText } from './shapes.ts'

/** Lower-case letters, digits and . _ @ + -; the rules say the same, this bounds what reaches them. */
export const accessName = z.string().min(1).max(80)

export const placeShape = z
  .strictObject({
    organisation: accessName.nullable(),
    project: accessName.nullable(),
    environment: shortText.nullable(),
  })
  .openapi('Place', { description: 'null = everything below; all null = the whole server' })

const roleSource = { issuer: z.string(), claim: z.string(), value: z.string() }

export const grantShape = z.object({
  role: z.string(),
  place: placeShape,
  from: z
    .object(roleSource)
    .optional()
    .openapi({ description: 'What an OpenID provider said for it; absent = given by hand' }),
})

export const roleMappingShape = z
  .looseObject({ ...roleSource, role: z.string(), place: placeShape })
  .openapi('RoleMapping')

export const sessionShape = z
  .looseObject({ person: z.string(), signedInAt: z.number(), session: z.string().optional() })
  .openapi('Session', { description: '`session` for programs only: send it as a bearer token' })

export const scopeShape = z
  .strictObject({
    place: placeShape,
    rights: z.array(shortText).max(50).nullable(),
    labels: z.array(accessName).max(50).default([]),
  })
  .openapi('TokenScope')

export const callerShape = z
  .looseObject({
    id: z.string(),
    kind: z.enum(['local', 'person', 'machine']),
    grants: z.array(grantShape),
    standsIn: z
      .array(z.object({ role: z.string(), place: placeShape, for: z.string(), until: instant }))
      .optional()
      .openapi({ description: 'Roles of others in whose place the caller may sign now' }),
    /** Held at one place at least. */
    rights: z.array(z.string()),
  })
  .openapi('Caller')

export const personShape = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    disabled: z.boolean(),
    lastSeen: instant.nullable().openapi({ description: 'To ten minutes; null = never' }),
    grants: z.array(grantShape),
  })
  .openapi('Person')

export const machineShape = z
  .looseObject({ id: z.string(), about: z.string(), disabled: z.boolean(), grants: z.array(grantShape) })
  .openapi('Machine')

export const tokenShape = z
  .looseObject({
    id: z.string(),
    holder: z.string(),
    name: z.string(),
    scope: scopeShape,
    issuedAt: instant,
    expires: instant,
    revoked: z.boolean(),
    lastUsed: instant.nullable().openapi({ description: 'To ten minutes; null = never' }),
  })
  .openapi('Token')

export const projectShape = z
  .looseObject({
    id: z.string(),
    organisation: z.string(),
    name: z.string(),
    services: z.array(z.string()),
    environments: z.array(
      z.object({
        name: z.string(),
        protected: z.boolean(),
        freshSignInMs: z.number().nullable().openapi({ description: 'How old a sign-in may be there; null = any' }),
      }),
    ),
  })
  .openapi('Project')

export const checklistShape = z
  .looseObject({
    project: z.string(),
    name: z.string(),
    service: z.string(),
    sha256,
    calendars: z
      .array(z.looseObject({ file: z.string() }))
      .optional()
      .openapi({ description: 'Calendar files that came with it; absent = none' }),
    mandatory: z
      .array(z.string())
      .optional()
      .openapi({ description: 'Environments in which nothing else releases its service; absent = none' }),
    plan: z.string(),
    source: z.looseObject({ kind: z.enum(['upload', 'git']) }),
    registeredAt: instant,
    registeredBy: z.string(),
  })
  .openapi('RegisteredChecklist')

export const roleShape = z
  .object({
    id: z.string(),
    about: z.string(),
    own: z.boolean().openapi({ description: 'Defined by the team; false = every server has it' }),
    machines: z.boolean().openapi({ description: 'For machines only' }),
    rights: z.array(z.string()),
  })
  .openapi('Role')

export const delegationShape = z
  .object({
    id: z.string(),
    role: z.string(),
    from: z.string().openapi({ description: 'Whose role it is' }),
    to: z.string(),
    start: instant,
    until: instant,
    reason: z.string(),
    current: z
      .boolean()
      .openapi({ description: 'It counts now; false = not begun, over, or one of the two is disabled' }),
  })
  .openapi('Delegation')

export const openSessionShape = z
  .object({
    id: z.string(),
    how: z.string(),
    startedAt: instant,
    usedAt: instant.openapi({ description: 'To ten minutes' }),
    expires: instant,
    current: z.boolean().openapi({ description: 'The one that asks' }),
  })
  .openapi('OpenSession')

/** Of a list that grows without end: absent = all of it. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
  after: z.string().min(1).max(200).optional().openapi({ description: 'The `next` of the page before' }),
})
