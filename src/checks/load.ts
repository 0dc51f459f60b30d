/** `yaml check kind: load`: a service answers so many people at once, in time and without errors. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { askAddresses } from './load-run/asked.ts'
import { loadFacts, loadFactTypes, sayRun, unsound } from './load-run/judge.ts'
import type { LoadTold } from './load-run/script.ts'
import { lastingOf, loadFields, runLoad } from './load-run/settings.ts'
import { textEvidence } from './parts/evidence.ts'
import { durationField, millisOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis } from './parts/say.ts'

const config = z.strictObject({
  ...loadFields,
  for: durationField.describe('How long, after the ramp'),
  p50: durationField.optional().describe('Half of the answers take at most this long'),
  p90: durationField.optional(),
  p95: durationField.optional(),
  p99: durationField.optional(),
  max: durationField.optional().describe('No answer takes longer'),
})

type Config = z.infer<typeof config>
const percentiles = ['p50', 'p90', 'p95', 'p99', 'max'] as const

export const load = defineCheck<Config>({
  kind: 'load',
  summary: 'A service answers so many people at once, in time and without errors',
  config,
  needs: ['command', 'place', 'http'],
  timeoutMs: 900_000,
  example:
    '```yaml check\nkind: load\nurl: https://staging.shop.example/orders\nusers: 100\nfor: 60s\nramp: 10s\np95: 300ms\np99: 1s\nmax-errors: 0.5%\n```',
  facts: loadFactTypes,
  lastsMs: lastingOf,
  secrets: ({ token }) => (typeof token === 'string' ? [token] : []),
  async run(given, powers) {
    const forMs = millisOf(given.for)
    const told = await runLoad(given, { forMs, everyMs: Math.max(1_000, forMs / 60), memory: null }, powers)
    return 'why' in told ? { outcome: 'errored', say: oneLine(told.why), evidence: [] } : judge(told, given, powers)
  },
  probe: (given, powers) => askAddresses(given, [], powers),
})

export function judge(told: LoadTold, given: Config, powers: Pick<CheckPowers, 'expect' | 'expectation'>): CheckResult {
  const facts = loadFacts(told)
  const evidence = textEvidence('load.json', `${JSON.stringify(told, null, 2)}\n`, 'application/json')
  const verdict = unsound(told, given)
  if (verdict !== null) return { ...verdict, say: oneLine(verdict.say), evidence, facts }
  const { latency } = told
  const slow = percentiles.flatMap((name) => {
    const limit = given[name]
    if (limit === undefined || latency === null || latency[name] <= millisOf(limit)) return []
    return [`${name} ${sayMillis(latency[name])}, at most ${limit}`]
  })
  const say = sayRun(told, given, millisOf(given.for))
  if (slow.length > 0) return { outcome: 'failed', say: oneLine(`${slow.join('; ')} (${say})`), evidence, facts }
  return judged(powers, facts, { say, evidence })
}
