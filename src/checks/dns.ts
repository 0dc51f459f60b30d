/** `yaml check kind: dns`: a name has the records that it should have, as the system or a named server resolves it. */
import { Resolver } from 'node:dns/promises'
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { textEvidence } from './parts/evidence.ts'
import { fill } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, wordsOf } from './parts/say.ts'

const types = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'] as const

const config = z.strictObject({
  name: z
    .string()
    .regex(/^[^\s/:]+$|\{\{/, { error: 'expected a name alone, such as shop.example' })
    .describe('The name that is looked up'),
  type: z.enum(types).default('A').describe('Kind of record'),
  equals: z.array(z.string()).optional().describe('All records, in any order; [] = there must be none'),
  includes: z.array(z.string().min(1)).min(1).optional().describe('Records that are among them'),
  host: z.string().min(1).optional().describe('Name server that is asked, by its address; absent = that of the system'),
  port: z.number().int().min(1).max(65_535).default(53).describe('Its port'),
})

type Config = z.infer<typeof config>

export const dns = defineCheck({
  kind: 'dns',
  summary: 'A name has the records that it should have',
  config,
  needs: ['place'],
  timeoutMs: 15_000,
  example: '```yaml check\nkind: dns\nname: shop.example\ntype: CNAME\nequals: [lb.shop.example]\n```',
  facts: { records: 'list', count: 'int' },
  async run(given, powers) {
    const name = fill(given.name, powers.variables)
    const looked = await lookUp(name, given, powers)
    if ('why' in looked)
      return { outcome: 'errored', say: oneLine(`${given.type} of ${name}: ${looked.why}`), evidence: [] }
    return decide(name, looked.records, given, powers)
  },
  async probe(given, powers) {
    const name = fill(given.name, powers.variables)
    const looked = await lookUp(name, given, powers)
    if ('why' in looked) return { ok: false, say: `${given.type} of ${name}: ${looked.why}` }
    return { ok: true, say: `${name} has ${looked.records.length} ${given.type} now` }
  },
})

type Looked = { readonly records: readonly string[] } | { readonly why: string }

async function lookUp(name: string, given: Config, powers: CheckPowers): Promise<Looked> {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  if (given.host !== undefined) {
    const { addresses, port } = await powers.place(
      `dns://${bracketed(fill(given.host, powers.variables))}:${given.port}`,
    )
    resolver.setServers(addresses.map(({ address }) => `${bracketed(address)}:${port}`))
  }
  const stop = (): void => resolver.cancel()
  powers.signal.addEventListener('abort', stop)
  try {
    if (powers.signal.aborted) return { why: 'no answer in time' }
    return { records: await recordsOf(resolver, name, given.type) }
  } catch (error) {
    // That there is no such record, or no such name, is an answer. Everything else is none.
    const { code } = error as { code?: string }
    if (code === 'ENODATA' || code === 'ENOTFOUND') return { records: [] }
    return { why: code === 'ECANCELLED' ? 'no answer in time' : wordsOf(error) }
  } finally {
    powers.signal.removeEventListener('abort', stop)
  }
}

/** As people write them in a zone file, without priorities' padding and the dot at the end. */
async function recordsOf(resolver: Resolver, name: string, type: Config['type']): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name)
    case 'AAAA':
      return resolver.resolve6(name)
    case 'CNAME':
      return resolver.resolveCname(name)
    case 'NS':
      return resolver.resolveNs(name)
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    case 'MX':
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`)
    case 'SRV':
      return (await resolver.resolveSrv(name)).map((one) => `${one.priority} ${one.weight} ${one.port} ${one.name}`)
    case 'CAA':
      return (await resolver.resolveCaa(name)).map(({ critical, ...rest }) => {
        const [tag = '', value = ''] = Object.entries(rest).find(([key]) => key !== 'type') ?? []
        return `${critical} ${tag} ${value}`
      })
  }
}

function decide(name: string, records: readonly string[], given: Config, powers: CheckPowers): CheckResult {
  const wanted = (list: readonly string[]): readonly string[] =>
    list.map((text) => plain(fill(text, powers.variables), given.type)).toSorted()
  const found = records.map((text) => plain(text, given.type)).toSorted()
  const facts = { records: found, count: found.length }
  const shown = found.length === 0 ? 'nothing' : found.join(', ')
  const evidence = textEvidence('records.txt', found.length === 0 ? '' : `${found.join('\n')}\n`)
  const failed = (what: string): CheckResult => ({
    outcome: 'failed',
    say: oneLine(`${given.type} of ${name} is ${shown}, expected ${what}`),
    evidence,
    facts,
  })
  if (given.equals !== undefined && wanted(given.equals).join('\n') !== found.join('\n'))
    return failed(given.equals.length === 0 ? 'none' : wanted(given.equals).join(', '))
  const missing = wanted(given.includes ?? []).filter((text) => !found.includes(text))
  if (missing.length > 0) return failed(`also ${missing.join(', ')}`)
  if (given.equals === undefined && powers.expectation === null && found.length === 0) return failed('at least one')
  return judged(powers, facts, { say: oneLine(`${given.type} of ${name} is ${shown}`), evidence })
}

/** Names compare without case and without the dot at their end; the text of a TXT record stays as it is. */
function plain(text: string, type: Config['type']): string {
  return type === 'TXT' || type === 'CAA' ? text : text.toLowerCase().replace(/\.$/, '')
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
