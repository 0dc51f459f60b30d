/** `yaml check kind: security-probe`: a service refuses what it has to refuse, asked as somebody who means harm would ask. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { baseKinds, baseOf, onField } from './parts/base-source.ts'
import type { Json } from '../core/units.ts'
import { textEvidence } from './parts/evidence.ts'
import { fill } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { whyProduction } from './parts/production-guard.ts'
import { oneLine, wordsOf } from './parts/say.ts'
import { type Asker, askerOf, type Seen } from './security-probe/asker.ts'
import { corsField, csrfField, headersField, probeCors, probeCsrf, probeHeaders } from './security-probe/browsers.ts'
import { linkField, probeLink, probeUpload, uploadField } from './security-probe/files.ts'
import { limitField, probeLimit } from './security-probe/limits.ts'
import { payloadsField, probePayloads } from './security-probe/payloads.ts'
import { isReading } from './security-probe/request-line.ts'
import { probeRoles, probeTenants, rolesField, tenantsField } from './security-probe/rights.ts'
import { probeTokens, tokensField } from './security-probe/tokens.ts'

const parts = [
  'tokens',
  'roles',
  'tenants',
  'headers',
  'cors',
  'csrf',
  'signed-link',
  'upload',
  'payloads',
  'rate-limit',
] as const

const config = z
  .strictObject({
    base: z
      .string()
      .regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address, such as https://staging.shop.example' })
      .optional()
      .describe('Where the service is; every request to it carries `x-synthetic: holdpoint`'),
    on: onField.describe('In place of `base`: source of the kind `http`, of which only the address is taken'),
    'read-only': z
      .boolean()
      .default(false)
      .describe('Only what reads, and nothing that disturbs: the one way to probe a protected environment'),
    production: z.array(z.string().min(1)).default([]).describe('Hosts that are probed read-only or not at all'),
    credential: z
      .string()
      .regex(/^[\w-]+:.*TOKEN/, { error: 'expected a header with TOKEN in it, such as authorization: Bearer TOKEN' })
      .default('authorization: Bearer TOKEN')
      .describe('Header in which a token is sent'),
    tokens: tokensField
      .optional()
      .describe('No token, a bad, a forged and an expired one are refused; a valid one is not'),
    roles: rolesField.optional().describe('Each role may do what it may, and nothing else'),
    tenants: tenantsField.optional().describe('What belongs to one is not seen by another'),
    headers: headersField.optional().describe('Headers by which browsers protect people'),
    cors: corsField.optional().describe('Only these origins may read answers'),
    csrf: csrfField.optional().describe('Another site cannot write in the name of who visits it'),
    'signed-link': linkField.optional().describe('A link holds what it signs, and ends'),
    upload: uploadField.optional().describe('The test file of malware scanners is refused, a clean one is not'),
    payloads: payloadsField
      .optional()
      .describe(
        'Injection, scripts, oversize and broken texts change nothing, break nothing, and do not come back as a page',
      ),
    'rate-limit': limitField.optional().describe('Too many requests get 429, whatever headers they bring'),
  })
  .superRefine((given, context) => {
    if ((given.base === undefined) === (given.on === undefined))
      context.addIssue({ code: 'custom', message: 'expected `base` or `on`, one of them: where the service is' })
    if (!parts.some((part) => given[part] !== undefined))
      context.addIssue({ code: 'custom', message: `expected something to probe: ${parts.join(', ')}` })
    for (const { setting, why } of given['read-only'] ? disturbances(given) : [])
      context.addIssue({ code: 'custom', path: [setting], message: `${why}, which read-only: true rules out` })
  })

type Config = z.infer<typeof config>

export const securityProbe = defineCheck({
  kind: 'security-probe',
  summary: 'A service refuses what it has to refuse: tokens, roles, tenants, injection, floods, other sites',
  config,
  needs: ['http', 'secret', 'source'],
  sourceKinds: baseKinds,
  timeoutMs: 180_000,
  example: [
    '```yaml check',
    'kind: security-probe',
    'base: https://staging.shop.example',
    'tokens: { request: GET /v1/orders, valid: API_TOKEN, life: 1h }',
    'headers: { pages: [GET /] }',
    'cors: { request: GET /v1/orders, allowed: [https://shop.example] }',
    'payloads: { requests: [GET /search?q=PAYLOAD], oversize: 1MiB }',
    'rate-limit: { request: GET /login, within: 50 }',
    '```',
  ].join('\n'),
  facts: { requests: 'int', findings: 'list', undecided: 'list' },
  secrets: secretsNamed,
  async run(given, powers) {
    const base = addressOf(given, powers)
    const guard = whyNotHere(given, base, powers)
    if (guard !== null) return { outcome: 'errored', say: guard, evidence: [] }
    const asker = askerOf(base, given.credential, powers)
    const asked = parts.filter((part) => given[part] !== undefined)
    const seen: Seen[] = []
    for (const part of asked) {
      powers.progress(`${part} of ${base}`)
      try {
        seen.push(await probes[part](given, asker, powers))
      } catch (fault) {
        return decide(asked, seen, asker, powers, `${part}: ${wordsOf(fault)}`)
      }
    }
    return decide(asked, seen, asker, powers, null)
  },
  async probe(given, powers) {
    const base = addressOf(given, powers)
    try {
      const sent = { method: 'HEAD', headers: {}, signal: powers.signal, redirect: 'manual' as const }
      return { ok: true, say: `${base} answers (${(await powers.http(base, sent)).status})` }
    } catch (fault) {
      return { ok: false, say: wordsOf(fault) }
    }
  },
})

function addressOf({ base, on }: Config, powers: CheckPowers): string {
  return on === undefined ? fill(base ?? '', powers.variables) : baseOf(on, powers).url
}

/** Where settings name secrets; those of `roles` stand one by one. */
const namingSecrets: ReadonlySet<string> = new Set(['valid', 'expired', 'owner', 'other', 'cookie', 'token'])

function secretsNamed(given: Readonly<Record<string, Json>>): readonly string[] {
  return parts.flatMap((part) => {
    const settings = entriesOf(given[part]).filter(([name]) => part !== 'signed-link' && namingSecrets.has(name))
    const byRole = part === 'roles' ? entriesOf(entriesOf(given[part]).find(([name]) => name === 'tokens')?.[1]) : []
    return [...settings, ...byRole].flatMap(([, value]) => (typeof value === 'string' ? [value] : []))
  })
}

function entriesOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

type Part = (typeof parts)[number]

function when<T>(setting: T | undefined, probe: (setting: T) => Promise<Seen>): Promise<Seen> {
  return setting === undefined ? Promise.resolve({ findings: [], undecided: [] }) : probe(setting)
}

/** In the order of `parts`: what uses up a limit of requests comes last. */
const probes: Readonly<Record<Part, (given: Config, asker: Asker, powers: CheckPowers) => Promise<Seen>>> = {
  tokens: ({ tokens }, asker) => when(tokens, (one) => probeTokens(one, asker)),
  roles: ({ roles }, asker) => when(roles, (one) => probeRoles(one, asker)),
  tenants: ({ tenants }, asker) => when(tenants, (one) => probeTenants(one, asker)),
  headers: ({ headers }, asker) => when(headers, (one) => probeHeaders(one, asker)),
  cors: ({ cors }, asker) => when(cors, (one) => probeCors(one, asker)),
  csrf: ({ csrf }, asker) => when(csrf, (one) => probeCsrf(one, asker)),
  'signed-link': (given, asker, { variables }) => when(given['signed-link'], (one) => probeLink(one, variables, asker)),
  upload: ({ upload }, asker) => when(upload, (one) => probeUpload(one, asker)),
  payloads: ({ payloads }, asker) => when(payloads, (one) => probePayloads(one, asker)),
  'rate-limit': (given, asker) => when(given['rate-limit'], (one) => probeLimit(one, asker)),
}

/** What was found weighs more than what broke afterwards. */
function decide(
  asked: readonly Part[],
  seen: readonly Seen[],
  asker: Asker,
  powers: CheckPowers,
  fault: string | null,
): CheckResult {
  const findings = seen.flatMap((one) => one.findings)
  const undecided = seen.flatMap((one) => one.undecided)
  const facts = { requests: asker.asked(), findings, undecided }
  const lines = [...findings.map((one) => `FOUND ${one}`), ...undecided.map((one) => `OPEN ${one}`), asker.transcript()]
  const evidence = textEvidence('security-probe.txt', lines.join('\n'))
  if (findings.length > 0) {
    const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
    return { outcome: 'failed', say: oneLine(`${count}: ${findings.join('; ')}`), evidence, facts }
  }
  if (fault !== null) return { outcome: 'errored', say: oneLine(fault), evidence, facts }
  if (undecided.length > 0)
    return { outcome: 'inconclusive', say: oneLine(`not decided: ${undecided.join('; ')}`), evidence, facts }
  return judged(powers, facts, { say: `0 findings in ${facts.requests} requests (${asked.join(', ')})`, evidence })
}

function whyNotHere(given: Config, base: string, powers: CheckPowers): string | null {
  const why = given['read-only'] ? null : whyProduction(base, given.production, powers)
  return why === null ? null : `${why}: nothing was sent; probe a copy of it, or say read-only: true`
}

/** Settings that write, flood or attack. */
function disturbances(given: Config): readonly { readonly setting: Part; readonly why: string }[] {
  const found: { setting: Part; why: string }[] = []
  if (given.payloads) found.push({ setting: 'payloads', why: 'it attacks' })
  if (given['rate-limit']) found.push({ setting: 'rate-limit', why: 'it floods' })
  if (given.csrf) found.push({ setting: 'csrf', why: 'it writes' })
  if (given.upload) found.push({ setting: 'upload', why: 'it writes' })
  const requests: readonly (readonly [Part, readonly string[]])[] = [
    ['tokens', given.tokens ? [given.tokens.request] : []],
    ['roles', Object.keys(given.roles?.may ?? {})],
    ['tenants', [...(given.tenants?.private ?? []), ...Object.keys(given.tenants?.lists ?? {})]],
    ['headers', given.headers?.pages ?? []],
    ['cors', given.cors ? [given.cors.request] : []],
  ]
  for (const [setting, lines] of requests)
    for (const line of lines) if (!isReading(line)) found.push({ setting, why: `${line} writes` })
  return found
}
