/** Who may do what: roles against actions, and one tenant against what another owns. */
import { z } from 'zod'
import { acceptance, type Asker, found, isFine, refusal, sayLine, type Seen, together, undecided } from './asker.ts'
import { lineOf, requestField } from './request-line.ts'

/** Hiding what somebody may not see is a refusal as well. */
const refused = [401, 403, 404]

export const rolesField = z
  .strictObject({
    tokens: z.record(z.string(), z.string().min(1)).describe('Role to the secret with its token'),
    may: z
      .record(requestField, z.array(z.string()).min(1))
      .describe('Request to the roles that may; all others may not'),
  })
  .superRefine(({ tokens, may }, context) => {
    for (const [request, roles] of Object.entries(may))
      for (const role of roles)
        if (!Object.hasOwn(tokens, role))
          context.addIssue({
            code: 'custom',
            path: ['may', request],
            message: `there is no role ${role}; expected one of tokens: ${Object.keys(tokens).join(', ')}`,
          })
  })

export const tenantsField = z
  .strictObject({
    owner: z.string().min(1).describe('Secret with a token of the one who owns it'),
    other: z.string().min(1).describe('Secret with a token of somebody else'),
    private: z.array(requestField).default([]).describe('What the owner gets, and the other not'),
    lists: z
      .record(requestField, z.string().min(1))
      .default({})
      .describe('List to a text that only the owner may see in it'),
  })
  .refine((given) => given.private.length + Object.keys(given.lists).length > 0, {
    error: 'expected private: or lists:, such as private: [GET /v1/orders/1]',
  })

/** Those who may not are asked first: what an action takes away is still there for those who may. */
export async function probeRoles(given: z.infer<typeof rolesField>, asker: Asker): Promise<Seen> {
  const seen: Seen[] = []
  for (const [request, may] of Object.entries(given.may)) {
    const line = lineOf(request)
    const where = sayLine(line)
    seen.push(refusal(await asker.ask(line, { as: 'as nobody' }), refused, `${where} as nobody`))
    for (const role of Object.keys(given.tokens).toSorted(
      (a, b) => Number(may.includes(a)) - Number(may.includes(b)),
    )) {
      const token = asker.secret(given.tokens[role] ?? '')
      const answer = await asker.ask(line, { as: `as ${role}`, token })
      seen.push(
        may.includes(role)
          ? acceptance(answer, `${where} as ${role}`)
          : refusal(answer, refused, `${where} as ${role}`),
      )
    }
  }
  return together(seen)
}

export async function probeTenants(given: z.infer<typeof tenantsField>, asker: Asker): Promise<Seen> {
  const owner = asker.secret(given.owner)
  const other = asker.secret(given.other)
  const seen: Seen[] = []
  for (const request of given.private) {
    const line = lineOf(request)
    seen.push(
      refusal(
        await asker.ask(line, { as: 'as another tenant', token: other }),
        refused,
        `${sayLine(line)} as another tenant`,
      ),
    )
    seen.push(acceptance(await asker.ask(line, { as: 'as its owner', token: owner }), `${sayLine(line)} as its owner`))
  }
  for (const [request, text] of Object.entries(given.lists))
    seen.push(await probeList(request, text, { owner, other }, asker))
  return together(seen)
}

async function probeList(
  request: string,
  text: string,
  { owner, other }: { readonly owner: string; readonly other: string },
  asker: Asker,
): Promise<Seen> {
  const line = lineOf(request)
  const own = await asker.ask(line, { as: 'as its owner', token: owner })
  const foreign = await asker.ask(line, { as: 'as another tenant', token: other })
  if (foreign.text.includes(text)) return found(`${sayLine(line)} shows another tenant what it may not see`)
  if (!isFine(own) || !own.text.includes(text))
    return undecided(`${sayLine(line)} does not show its owner the text either (${own.status})`)
  if (!isFine(foreign) && !refused.includes(foreign.status))
    return undecided(`${sayLine(line)} answered another tenant ${foreign.status}`)
  return together([])
}
