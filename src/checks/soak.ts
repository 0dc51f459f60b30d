/** `yaml check kind: soak`: under hours of load neither the memory of a service nor its answers' times grow. */
import { z } from 'zod'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { defineCheck } from '../core/ports/check.ts'
import { readTrend, type TrendReading } from '../core/series/trend.ts'
import type { Point } from '../core/series/summary.ts'
import { askAddresses } from './load-run/asked.ts'
import { loadFacts, loadFactTypes, sayRun, unsound } from './load-run/judge.ts'
import type { LoadTold } from './load-run/script.ts'
import { lastingOf, loadFields, runLoad } from './load-run/settings.ts'
import { textEvidence } from './parts/evidence.ts'
import { durationField, millisOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayNumber } from './parts/say.ts'

const share = z.string().regex(/^\d+(\.\d+)?%$/, { error: 'expected a share, such as 10%' })

const config = z.strictObject({
  ...loadFields,
  for: durationField
    .refine((text) => !(millisOf(text) < 2_000), { error: 'expected at least 2s, and hours to find a slow leak' })
    .describe('How long, after the ramp'),
  settle: durationField
    .optional()
    .describe('Caches fill in this time, which is no part of a trend; a tenth of `for` otherwise'),
  memory: z
    .strictObject({
      url: z
        .string()
        .regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address, such as http://10.0.0.7:9090/metrics' })
        .describe('Metrics of the service, in the text form of Prometheus'),
      metric: z
        .string()
        .regex(/^[a-zA-Z_:][\w:]*$/, { error: 'expected the name of a metric' })
        .default('process_resident_memory_bytes'),
      within: share.default('10%').describe('Greatest growth, of the median'),
    })
    .optional()
    .describe('Memory, read all along'),
  'latency-within': share.default('25%').describe('Greatest growth of the median time of an answer'),
})

type Config = z.infer<typeof config>

export const soak = defineCheck<Config>({
  kind: 'soak',
  summary: "Under hours of load neither the memory of a service nor its answers' times grow",
  config,
  needs: ['command', 'place', 'http'],
  timeoutMs: 46_800_000,
  example:
    '```yaml check timeout=5h\nkind: soak\nurl: https://staging.shop.example/orders\nusers: 50\nfor: 4h\nmemory: { url: http://10.0.0.7:9090/metrics, within: 10% }\nlatency-within: 20%\n```',
  facts: { ...loadFactTypes, memory_growth: 'double', latency_growth: 'double' },
  lastsMs: lastingOf,
  secrets: ({ token }) => (typeof token === 'string' ? [token] : []),
  async run(given, powers) {
    const forMs = millisOf(given.for)
    const memory = given.memory ?? null
    const plan = { forMs, everyMs: Math.max(200, Math.round(forMs / 120)), memory }
    const told = await runLoad(given, plan, powers)
    if ('why' in told) return { outcome: 'errored', say: oneLine(told.why), evidence: [] }
    return judgeSoak(told, given, powers)
  },
  probe: (given, powers) => askAddresses(given, given.memory === undefined ? [] : [given.memory.url], powers),
})

export function judgeSoak(
  told: LoadTold,
  given: Config,
  powers: Pick<CheckPowers, 'expect' | 'expectation'>,
): CheckResult {
  const trends = trendsOf(told, given)
  const grown = Object.fromEntries(
    trends.flatMap(({ name, reading }) => {
      const growth = growthOf(reading)
      return growth === null ? [] : [[`${name}_growth`, growth]]
    }),
  )
  const facts = { ...loadFacts(told), ...grown }
  const evidence = textEvidence('soak.json', `${JSON.stringify(told, null, 2)}\n`, 'application/json')
  const verdict = unsound(told, given)
  if (verdict !== null) return { ...verdict, say: oneLine(verdict.say), evidence, facts }
  const run = sayRun(told, given, millisOf(given.for))
  const words = trends.map(wordsOf)
  const broken = trends.filter(({ reading }) => reading.is === 'broken')
  if (broken.length > 0)
    return { outcome: 'failed', say: oneLine(`${broken.map(wordsOf).join('; ')} (${run})`), evidence, facts }
  const unproven = trends.filter(({ reading }) => reading.is === 'unproven')
  if (unproven.length > 0) {
    const why = unproven.map((trend) => `${trend.name}: ${trend.reading.why}`)
    return { outcome: 'inconclusive', say: oneLine(`${why.join('; ')} (${run})`), evidence, facts }
  }
  return judged(powers, facts, { say: oneLine(`${run}; ${words.join(', ')}`), evidence })
}

interface Trend {
  readonly name: 'memory' | 'latency'
  readonly within: string
  readonly reading: TrendReading
}

function trendsOf(told: LoadTold, given: Config): readonly Trend[] {
  const forMs = millisOf(given.for)
  const settleMs = given.settle === undefined ? forMs / 10 : millisOf(given.settle)
  const from = told.startedAt + millisOf(given.ramp) + settleMs
  const buckets = told.buckets.filter(({ at }) => at >= from)
  const everyMs = Math.max(200, Math.round(forMs / 120))
  const trend = (name: Trend['name'], within: string, points: readonly Point[]): Trend => {
    const settings = {
      rule: 'no-leak' as const,
      within: { share: Number(within.slice(0, -1)) / 100 },
      atLeastMs: (forMs - settleMs) / 2,
      everyMs,
    }
    return { name, within, reading: readTrend(points, settings) }
  }
  const latency = buckets.map(({ at, p50 }) => ({ at, value: p50 }))
  const trends = [trend('latency', given['latency-within'], latency)]
  if (given.memory === undefined) return trends
  return [
    trend(
      'memory',
      given.memory.within,
      buckets.map(({ at, memory }) => ({ at, value: memory })),
    ),
    ...trends,
  ]
}

/** Of the median; null where too little was seen. */
function growthOf({ change, median }: TrendReading): number | null {
  return change === null || median === 0 ? null : change / Math.abs(median)
}

function wordsOf({ name, within, reading }: Trend): string {
  const growth = growthOf(reading)
  if (growth === null) return `${name} as it was`
  return `${name} ${growth < 0 ? '' : '+'}${sayNumber(Math.round(growth * 1_000) / 10)} % of its median, at most ${within}`
}
