/** A limit of requests: it is there, it counts who it should, and no header talks it away. */
import { z } from 'zod'
import { type Asker, found, nothingWrong, sayLine, type Seen, together, undecided } from './asker.ts'
import { lineOf, type RequestLine, requestField } from './request-line.ts'

export const limitField = z
  .strictObject({
    request: requestField,
    within: z.number().int().min(1).max(5_000).describe('So many requests in a row are not all answered'),
    by: z.enum(['address', 'user']).default('address').describe('Whom it counts'),
    token: z.string().min(1).optional().describe('Secret with a token of the user who asks too often'),
    other: z
      .string()
      .min(1)
      .optional()
      .describe('Secret with a token of another user: by user they are not limited as well, by address they are'),
  })
  .refine((given) => given.by === 'address' || (given.token !== undefined && given.other !== undefined), {
    error: 'by: user needs token: and other:, the secrets with tokens of two users',
  })

type Limit = z.infer<typeof limitField>

/** Headers with which some services take another's word for who asks. */
const disguises: readonly (readonly [name: string, value: (n: number) => string])[] = [
  ['x-forwarded-for', (n) => `198.51.100.${n}`],
  ['x-real-ip', (n) => `198.51.100.${n}`],
  ['x-client-ip', (n) => `198.51.100.${n}`],
  ['x-originating-ip', (n) => `198.51.100.${n}`],
  ['true-client-ip', (n) => `198.51.100.${n}`],
  ['cf-connecting-ip', (n) => `198.51.100.${n}`],
  ['forwarded', (n) => `for=198.51.100.${n}`],
]

export async function probeLimit(given: Limit, asker: Asker): Promise<Seen> {
  const line = lineOf(given.request)
  const token = given.token === undefined ? {} : { token: asker.secret(given.token) }
  if (!(await reach(line, given.within, token, asker)))
    return found(`${sayLine(line)}: ${given.within} requests in a row, and none was answered 429`)
  const seen: Seen[] = []
  for (const [index, [name, value]] of disguises.entries())
    seen.push(
      await disguised(
        line,
        { name, ask: { ...token, headers: { [name]: value(index + 1) } } },
        given.within,
        token,
        asker,
      ),
    )
  if (given.by === 'address' && given.other !== undefined) {
    const rotated = { name: 'another token', ask: { token: asker.secret(given.other) } }
    seen.push(await disguised(line, rotated, given.within, token, asker))
  }
  if (given.by === 'user' && given.other !== undefined) {
    const { status } = await asker.ask(line, { as: 'as another user', token: asker.secret(given.other) })
    if (status === 429) seen.push(found(`${sayLine(line)}: another user is limited as well`))
  }
  return together(seen)
}

/** Until it says 429. */
async function reach(
  line: RequestLine,
  most: number,
  token: { readonly token?: string },
  asker: Asker,
): Promise<boolean> {
  for (let tries = 0; tries < most; tries += 1) {
    const { status } = await asker.ask(line, { as: 'again and again', ...token })
    if (status === 429) return true
  }
  return false
}

/** What is tried to look like somebody else. */
interface Disguise {
  readonly name: string
  readonly ask: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> }
}

/** A limit that ran out meanwhile is no way round it: right after, the same without the disguise has to be refused still. */
async function disguised(
  line: RequestLine,
  { name, ask }: Disguise,
  most: number,
  token: { readonly token?: string },
  asker: Asker,
): Promise<Seen> {
  for (let tries = 0; tries < 3; tries += 1) {
    if (!(await reach(line, most + 1, token, asker))) break
    const { status } = await asker.ask(line, { as: `over the limit, with ${name}`, ...ask })
    if (status === 429) return nothingWrong
    const plain = await asker.ask(line, { as: 'over the limit, right after', ...token })
    if (plain.status === 429) return found(`${sayLine(line)}: ${name} talks the limit away (${status} instead of 429)`)
  }
  return undecided(`${sayLine(line)}: the limit was over again before ${name} could be tried`)
}
