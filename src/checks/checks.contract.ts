/** What every kind of check must do, whatever it looks at. A kind brings its cases; the suite is the same for all. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { compile, type Kinds } from '../core/plan/compile.ts'
import type { CheckDefinition, CheckPowers, CheckResult } from '../core/ports/check.ts'
import type { MetricSourceDefinition } from '../core/ports/metrics.ts'
import { evidenceCap } from './parts/evidence.ts'
import { clock, runCheck } from './parts/powers.fixture.ts'

export interface CheckCases {
  /** A config that the schema accepts. */
  readonly config: Readonly<Record<string, unknown>>
  /** The outside is broken: runs that must end as anything but a pass, without throwing. */
  readonly broken: readonly {
    readonly name: string
    readonly config?: Readonly<Record<string, unknown>>
    readonly powers?: Partial<CheckPowers>
  }[]
  /** A run that does not end by itself; null where nothing can hang. */
  readonly hangs: { readonly config?: Readonly<Record<string, unknown>>; readonly powers?: Partial<CheckPowers> } | null
}

const outcomes = ['passed', 'failed', 'inconclusive', 'errored']

export function checkContract(definition: CheckDefinition<never>, cases: CheckCases): void {
  const run = (
    config: Readonly<Record<string, unknown>> | undefined,
    powers: Partial<CheckPowers> | undefined,
  ): Promise<CheckResult> => runCheck(definition, { ...cases.config, ...config }, powers)

  test('says what it is, in a summary, an example and facts that expect may name', () => {
    expect(definition.kind).toMatch(/^[a-z][a-z0-9-]*$/)
    expect(definition.summary).toMatch(/^\S.*[^.]$/)
    expect(definition.timeoutMs).toBeGreaterThan(0)
    for (const name of Object.keys(definition.facts)) expect(name).toMatch(/^[a-z_]+$/)
  })

  test('accepts its settings and refuses unknown ones by name', () => {
    expect(definition.config.safeParse(cases.config).success).toBe(true)
    const refused = definition.config.safeParse({ ...cases.config, nonsense: 1 })
    expect(refused.success).toBe(false)
    expect(JSON.stringify(refused.error?.issues)).toContain('nonsense')
  })

  test('its example compiles', () => {
    const { plan, problems } = compile(documentOf(definition.example), kindsFor(definition))
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([])
    const block = plan?.steps[0]?.block
    expect(block).toMatchObject({ word: 'check', kind: definition.kind })
  })

  for (const { name, config, powers } of cases.broken) {
    test(`never passes and never throws when ${name}`, async () => {
      const result = await run(config, powers)
      expect(result.outcome, result.say).not.toBe('passed')
      wellFormed(result)
    })
  }

  const { hangs } = cases
  if (hangs === null) return
  test('ends when it is told to, without a pass', async () => {
    const stop = new AbortController()
    const running = run(hangs.config, { ...hangs.powers, signal: stop.signal })
    await clock.sleep(150)
    stop.abort()
    const result = await running
    expect(result.outcome).not.toBe('passed')
    wellFormed(result)
  })
}

/** One clean sentence, an outcome of the closed set, evidence under its cap, and JSON facts. */
export function wellFormed(result: CheckResult): void {
  expect(outcomes).toContain(result.outcome)
  expect(result.say.trim()).not.toBe('')
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(result.say).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  for (const piece of result.evidence) expect(piece.bytes.length).toBeLessThanOrEqual(evidenceCap)
  expect(JSON.parse(JSON.stringify(result.facts ?? {}))).toEqual(result.facts ?? {})
}

const metricStub = (kind: string): MetricSourceDefinition<never> =>
  ({ kind, summary: kind, config: z.looseObject({}), example: '', timeoutMs: 1_000 }) as never

function kindsFor(definition: CheckDefinition<never>): Kinds {
  return {
    checks: new Map([[definition.kind, definition]]),
    sources: new Map([['prometheus', metricStub('prometheus')]]),
    drivers: new Map(),
    notifiers: new Map(),
  }
}

function documentOf(example: string): Parameters<typeof compile>[0] {
  const text = `---
holdpoint: 1
name: Example
service: example
secrets: { API_TOKEN: env, AWS_ACCESS_KEY_ID: env, AWS_SECRET_ACCESS_KEY: env }
sources:
  orders: { kind: sqlite, file: orders.db }
  metrics: { kind: prometheus, url: http://127.0.0.1:9090 }
  cluster: { kind: kubernetes, server: http://127.0.0.1:8001, token: API_TOKEN, namespace: shop }
---
## Checks
- [ ] The example
${example.replace(/^/gm, '  ')}
`
  return { file: 'example.md', bytes: new TextEncoder().encode(text), shared: null }
}
