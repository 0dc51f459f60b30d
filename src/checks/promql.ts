/** `promql check`: a metric stays finite and inside its limits over a whole window. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { renderPromql } from '../core/plan/promql-template.ts'
import { byEnvironment, namedEnvironments } from './parts/by-environment.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { textEvidence } from './parts/evidence.ts'
import { oneLine, sayMillis, sayNumber, wordsOf } from './parts/say.ts'
import { breachOf, limitExample, limitsFor, type MetricLimit, mistakeIn, saysLimit } from './promql-window/limits.ts'

const limitText = byEnvironment(z.string().min(1)).nullable().default(null)
/** `below: 5` of YAML is a number. */
const limitOrNumber = byEnvironment(z.union([z.string().min(1), z.number().transform(String)]))
  .nullable()
  .default(null)

const config = z
  .strictObject({
    on: z
      .string()
      .min(1, { error: 'expected on=NAME, a source of kind prometheus or scrape' })
      .describe('Declared source; the only one needs no naming'),
    query: z
      .string()
      .min(1, { error: 'expected a query in the body of the block' })
      .describe('Gives one number; {{ name }} only inside string literals'),
    below: limitOrNumber.describe(
      '`1%`, `500ms`, `40`: every sample is smaller; each limit also by environment, `{ production: 1%, else: 5% }`, in an opening line `below="production: 1%, else: 5%"`',
    ),
    above: limitOrNumber.describe('Every sample is greater'),
    between: limitText.describe('`10 and 20`: every sample is at least the first and at most the second'),
    outside: limitText.describe('`2% and 5%`: every sample is smaller than the first or greater than the second'),
    for: durationField.nullable().default(null).describe('Length of the window; without it one sample decides'),
    every: durationField.nullable().default(null).describe('Time between samples'),
    minSamples: z.number().int().positive().nullable().default(null).describe('Fewest samples for a pass'),
    versus: z.string().min(1).nullable().default(null).describe('Captured value to compare with'),
    within: limitText.describe(
      'Greatest distance above it: `+20%` or `+0.5pp`; with a minus below it: `-20%` is at least four fifths of it',
    ),
  })
  .superRefine((given, context) => {
    const mistake = mistakeIn(given)
    if (mistake !== null) context.addIssue({ code: 'custom', message: mistake })
  })

const limitNames = ['below', 'above', 'between', 'outside', 'versus']

type Config = z.infer<typeof config>

const defaultEveryMs = 15_000

export const promql = defineCheck({
  kind: 'promql',
  summary: 'A metric stays inside its limits over a window',
  config,
  needs: ['source', 'metric'],
  environments: ({ below, above, between, outside, within }) =>
    namedEnvironments([below, above, between, outside, within]),
  undecided: (given) => (limitNames.every((name) => given[name] === undefined) ? limitExample : null),
  // The window bounds it; each question to the source has a time limit of its own.
  timeoutMs: 86_400_000,
  example:
    '```promql check on=metrics below=1% for=5m every=30s min-samples=10\nsum(rate(http_requests_total{code=~"5..",version="{{version}}"}[1m])) / sum(rate(http_requests_total{version="{{version}}"}[1m]))\n```',
  facts: { value: 'double', samples: 'int', lowest: 'double', highest: 'double' },
  async run(given, powers) {
    const environment = powers.variables['environment'] ?? ''
    const limits = limitsFor(given, environment, versusOf(given, powers.variables))
    if ('problem' in limits) return { outcome: 'errored', say: limits.problem, evidence: [] }
    if (limits.limits.length === 0 && powers.expectation === null && powers.forItsValue !== true)
      return { outcome: 'errored', say: `expected ${limitExample}`, evidence: [] }
    const query = renderPromql(given.query, powers.variables)
    if (!query.ok) return { outcome: 'errored', say: query.why, evidence: [] }
    return conclude(given, limits.limits, await watch(given, query.text, limits.limits, powers), powers)
  },
  async probe(given, powers) {
    const query = renderPromql(given.query, powers.variables)
    const answer = query.ok ? await powers.metric(given.on, query.text, powers.clock.now()) : { noData: query.why }
    return 'value' in answer
      ? { ok: true, say: `${given.on} answers ${sayNumber(answer.value)}` }
      : { ok: false, say: `${given.on}: ${answer.noData}` }
  },
})

interface Window {
  readonly values: readonly number[]
  readonly breach: string | null
  /** Why a sample was missing; the last one. A window with a hole in it is no proof. */
  readonly gap: string | null
  readonly whole: boolean
  readonly lines: readonly string[]
}

/** Samples at once and then every interval up to the end of the window; a breach ends it at once. */
async function watch(
  given: Config,
  query: string,
  limits: readonly MetricLimit[],
  powers: CheckPowers,
): Promise<Window> {
  const forMs = given.for === null ? 0 : millisOf(given.for)
  const everyMs = Math.max(
    100,
    given.every === null ? Math.min(defaultEveryMs, Math.max(forMs, 100)) : millisOf(given.every),
  )
  const start = powers.clock.now()
  const values: number[] = []
  const lines: string[] = []
  let gap: string | null = null
  for (;;) {
    const at = powers.clock.now()
    const sample = await sampleOnce(given.on, query, at, powers)
    const value = 'value' in sample && Number.isFinite(sample.value) ? sample.value : null
    if (value === null) gap = 'noData' in sample ? oneLine(sample.noData, 300) : 'the answer is no finite number'
    else values.push(value)
    const breach = value === null ? null : breachOf(limits, value)
    lines.push(`${new Date(at).toISOString()}\t${value ?? `no data: ${gap}`}`)
    powers.progress(
      `${value === null ? `no data: ${gap}` : sayNumber(value)}, ${sayMillis(at - start)} of ${sayMillis(forMs)}`,
    )
    const end = start + forMs
    if (breach !== null || powers.clock.now() >= end) return { values, breach, gap, whole: true, lines }
    const next = Math.min(start + (Math.floor((powers.clock.now() - start) / everyMs) + 1) * everyMs, end)
    await sleepUntil(next, powers)
    if (powers.signal.aborted) return { values, breach, gap, whole: false, lines }
  }
}

async function sampleOnce(
  source: string,
  query: string,
  at: number,
  powers: CheckPowers,
): Promise<{ readonly value: number } | { readonly noData: string }> {
  try {
    return await powers.metric(source, query, at)
  } catch (fault) {
    return { noData: wordsOf(fault) }
  }
}

async function sleepUntil(instant: number, powers: CheckPowers): Promise<void> {
  while (!powers.signal.aborted && powers.clock.now() < instant)
    await powers.clock.sleep(instant - powers.clock.now(), powers.signal)
}

function conclude(given: Config, limits: readonly MetricLimit[], window: Window, powers: CheckPowers): CheckResult {
  const { values, breach, gap, whole } = window
  const last = values.at(-1)
  const evidence = textEvidence(
    'samples.tsv',
    `${window.lines.join('\n')}\n`,
    'text/tab-separated-values; charset=utf-8',
  )
  const facts: Record<string, number> =
    last === undefined
      ? { samples: 0 }
      : { value: last, samples: values.length, lowest: Math.min(...values), highest: Math.max(...values) }
  const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({ outcome, say, evidence, facts })
  if (breach !== null) return answer('failed', breach)
  if (last === undefined) return answer('inconclusive', `no data: ${gap ?? 'nothing was asked'}`)
  const span = given.for === null ? '' : ` over ${sayMillis(millisOf(given.for))}`
  const held = limits.map(saysLimit)
  if (held.length === 0 && powers.expectation !== null) held.push(`expected ${powers.expectation}`)
  const words = `${sayNumber(last)}, ${values.length} sample${values.length === 1 ? '' : 's'}${span}${held.length === 0 ? '' : `, ${held.join(' and ')}`}`
  if (!whole) return answer('inconclusive', `${words}; the window was not watched to its end`)
  if (gap !== null) return answer('inconclusive', `${words}; with gaps, the last: ${gap}`)
  const least = given.minSamples ?? 1
  if (values.length < least) return answer('inconclusive', `${words}; ${least} samples are needed`)
  const verdict = powers.expect(facts)
  if (verdict === null || verdict === true) return answer('passed', words)
  if (verdict === false)
    return answer('failed', limits.length === 0 ? words : `${words}, expected ${powers.expectation ?? ''}`)
  return answer('inconclusive', `${words}; cannot decide ${powers.expectation ?? ''}: ${verdict.inconclusive}`)
}

function versusOf(given: Config, variables: Readonly<Record<string, string>>): number | null {
  if (given.versus === null) return null
  const text = Object.hasOwn(variables, given.versus) ? variables[given.versus] : undefined
  if (text === undefined || text.trim() === '') throw new ConfigFault(`${given.versus} has no value to compare with`)
  return Number(text)
}
