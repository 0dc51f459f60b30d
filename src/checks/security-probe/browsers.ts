/** What keeps browsers from doing harm: headers of pages, which origins may read, and that no other site can write. */
import { z } from 'zod'
import {
  type Answer,
  type Asker,
  found,
  isFine,
  nothingWrong,
  refusal,
  sayLine,
  type Seen,
  together,
  undecided,
} from './asker.ts'
import { lineOf, requestField } from './request-line.ts'

const rules = {
  'content-security-policy': policyProblem,
  'x-content-type-options': (answer: Answer) =>
    valueOf(answer, 'x-content-type-options') === 'nosniff' ? null : 'nosniff',
  frames: (answer: Answer) =>
    /frame-ancestors/i.test(valueOf(answer, 'content-security-policy')) ||
    /^(deny|sameorigin)$/i.test(valueOf(answer, 'x-frame-options'))
      ? null
      : 'frame-ancestors in content-security-policy, or x-frame-options',
  'referrer-policy': (answer: Answer) =>
    /^(?!unsafe-url)[a-z-]+/i.test(valueOf(answer, 'referrer-policy')) ? null : 'a policy that is not unsafe-url',
  'strict-transport-security': (answer: Answer) =>
    Number(/max-age="?(\d+)/i.exec(valueOf(answer, 'strict-transport-security'))?.[1] ?? 0) > 0 ? null : 'a max-age',
  server: (answer: Answer) =>
    /\d/.test(valueOf(answer, 'server')) || valueOf(answer, 'x-powered-by') !== ''
      ? 'no version in server and no x-powered-by'
      : null,
} as const
type Rule = keyof typeof rules
const names = Object.keys(rules) as [Rule, ...Rule[]]

export const headersField = z.strictObject({
  pages: z.array(requestField).min(1).default(['GET /']),
  except: z.array(z.enum(names)).default([]).describe('Rules that do not count here'),
})

export const corsField = z.strictObject({
  request: requestField,
  allowed: z
    .array(
      z.string().regex(/^(https?:\/\/[^/\s]+|\*)$/, {
        error: 'expected an origin such as https://shop.example, or "*" for a public one',
      }),
    )
    .default([]),
})

export const csrfField = z.strictObject({
  request: requestField.describe('Something that a signed-in browser writes'),
  cookie: z.string().min(1).describe('Secret with the whole cookie header of a session'),
  header: z
    .string()
    .min(1)
    .optional()
    .describe('Header of the token that a page of its own would send, such as x-csrf-token'),
  token: z.string().min(1).optional().describe('Secret with that token'),
})

/** HSTS counts only over HTTPS: browsers do not listen to it elsewhere. */
export async function probeHeaders(given: z.infer<typeof headersField>, asker: Asker): Promise<Seen> {
  const counted = names
    .filter((name) => !given.except.includes(name))
    .filter((name) => name !== 'strict-transport-security' || asker.origin.startsWith('https:'))
  const seen: Seen[] = []
  for (const page of given.pages) {
    const line = lineOf(page)
    const answer = await asker.ask(line, { as: 'for its headers' })
    if (answer.status >= 400)
      seen.push(undecided(`${sayLine(line)}: ${answer.status}, so that its headers say nothing`))
    else
      for (const name of counted) {
        const expected = rules[name](answer)
        if (expected !== null) seen.push(found(`${sayLine(line)}: ${name}: expected ${expected}`))
      }
  }
  return together(seen)
}

function valueOf({ headers }: Answer, name: string): string {
  return headers.get(name)?.trim() ?? ''
}

function policyProblem(answer: Answer): string | null {
  const policy = valueOf(answer, 'content-security-policy')
  const directives = new Map(
    policy.split(';').map((part) => {
      const [name = '', ...values] = part.trim().split(/\s+/)
      return [name.toLowerCase(), values] as const
    }),
  )
  const scripts = directives.get('script-src') ?? directives.get('default-src')
  if (scripts === undefined) return 'default-src or script-src'
  if (scripts.includes('*')) return 'scripts from named places only'
  const isInline = scripts.includes("'unsafe-inline'") && !scripts.some((value) => /^'(nonce|sha\d+)-/.test(value))
  return isInline ? "scripts without 'unsafe-inline'" : null
}

const stranger = 'https://holdpoint-probe.invalid'

export async function probeCors(given: z.infer<typeof corsField>, asker: Asker): Promise<Seen> {
  const line = lineOf(given.request)
  const isPublic = given.allowed.includes('*')
  const own = given.allowed.filter((origin) => origin !== '*')
  const lookalikes = own.flatMap((origin) => [
    `${origin}.holdpoint-probe.invalid`,
    origin.replace('://', '://holdpoint-probe-'),
  ])
  const seen: Seen[] = []
  for (const origin of [stranger, 'null', ...lookalikes]) {
    const plain = await asker.ask(line, { as: `from ${origin}`, headers: { origin } })
    const preflight = await asker.ask(
      { ...line, method: 'OPTIONS', body: null },
      { as: `asked before, from ${origin}`, headers: { origin, 'access-control-request-method': line.method } },
    )
    if (origin === stranger && saysNothing.has(plain.status))
      seen.push(undecided(`${sayLine(line)}: ${plain.status}, so that its headers say nothing`))
    for (const answer of [plain, preflight]) seen.push(openness(answer, origin, isPublic, sayLine(line)))
  }
  for (const origin of own) {
    const answer = await asker.ask(line, { as: `from ${origin}`, headers: { origin } })
    const told = valueOf(answer, 'access-control-allow-origin')
    if (told !== origin && told !== '*')
      seen.push(found(`${sayLine(line)}: ${origin} may not read it (access-control-allow-origin: ${told || 'none'})`))
  }
  return together(seen)
}

/** Nobody answers there, or whatever stands before the service does: 401 and 403 are answers of its own. */
const saysNothing: ReadonlySet<number> = new Set([404, 405, 410, 429, 500, 501, 502, 503, 504])

function openness(answer: Answer, origin: string, isPublic: boolean, where: string): Seen {
  const told = valueOf(answer, 'access-control-allow-origin')
  const withCookies = valueOf(answer, 'access-control-allow-credentials').toLowerCase() === 'true'
  if (told !== origin && told !== '*') return nothingWrong
  if (withCookies) return found(`${where}: ${origin} may read it with the cookies of whoever visits it`)
  return isPublic ? nothingWrong : found(`${where}: ${origin} may read it (access-control-allow-origin: ${told})`)
}

export async function probeCsrf(given: z.infer<typeof csrfField>, asker: Asker): Promise<Seen> {
  const line = lineOf(given.request)
  const cookie = asker.secret(given.cookie)
  const refused = [400, 401, 403, 419, 422]
  const foreign = { cookie, origin: stranger, referer: `${stranger}/` }
  const seen = [
    refusal(
      await asker.ask(line, { as: 'from another site', headers: foreign }),
      refused,
      `${sayLine(line)} from another site`,
    ),
    refusal(
      await asker.ask(line, {
        as: 'as a plain form of another site',
        headers: { ...foreign, 'content-type': 'text/plain' },
      }),
      [...refused, 415],
      `${sayLine(line)} as a plain form of another site`,
    ),
  ]
  const token = given.token === undefined ? {} : { [given.header ?? 'x-csrf-token']: asker.secret(given.token) }
  const own = await asker.ask(line, {
    as: 'from its own page',
    headers: { cookie, origin: asker.origin, referer: `${asker.origin}/`, ...token },
  })
  if (!isFine(own)) seen.push(undecided(`${sayLine(line)} is refused to its own page as well (${own.status})`))
  return together(seen)
}
