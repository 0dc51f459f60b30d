/** `http check`: a scenario of requests; every expectation holds, and cleanup runs whatever happened. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { exchange, type Exchange } from './http-scenario/exchange.ts'
import { type Captured, namesOf, renderRequest, type Values } from './http-scenario/render.ts'
import { type HttpRequest, parseScenario, scenarioExpressions, scenarioFacts } from './http-scenario/scenario.ts'
import { textEvidence } from './parts/evidence.ts'
import { judged } from './parts/judged.ts'
import { sayMillis, wordsOf } from './parts/say.ts'

const config = z.strictObject({
  requests: z
    .string()
    .superRefine((text, context) => {
      for (const { line, message } of parseScenario(text).problems)
        context.addIssue({ code: 'custom', message: `line ${line}: ${message}` })
    })
    .describe(
      'Requests in .http form, between ### lines. Above each: # @name, @expect, @capture, @poll every= for=, @timeout, @redirect follow, @cleanup (runs whatever happened). Without an @expect of the status it must be 2xx. @expect and @capture see the answer (status, headers, body, text, time_ms), what earlier requests captured, and what a condition sees (version, input.NAME, values captured by earlier steps), by name and without {{ }}. capture=NAME keeps a captured value for later steps',
    ),
})

/** How long one request of a cleanup may take: it runs after the check's own time may be over. */
const cleanupTimeoutMs = 10_000

export const http = defineCheck({
  kind: 'http',
  summary: 'A scenario of HTTP requests whose expectations all hold',
  config,
  needs: ['http', 'secret', 'source'],
  timeoutMs: 60_000,
  example: [
    '```http check timeout=30s',
    '# @expect status == 201',
    '# @capture id = body.id',
    'POST https://api.example.com/orders',
    'authorization: Bearer {{ secret.API_TOKEN }}',
    '',
    '{ "item": "probe" }',
    '',
    '###',
    '# @poll every=2s for=20s',
    '# @expect body.state == "ready"',
    '# @expect time < 500ms',
    'GET https://api.example.com/orders/{{ id }}',
    '',
    '###',
    '# @cleanup',
    'DELETE https://api.example.com/orders/{{ id }}',
    '```',
  ].join('\n'),
  facts: scenarioFacts,
  expressions: (given) => scenarioExpressions(parseScenario(given.requests).scenario),
  async run(given, powers) {
    const { requests } = parseScenario(given.requests).scenario
    const progress = await forward(
      requests.filter((request) => !request.cleanup),
      powers,
    )
    const swept = await sweep(
      requests.filter((request) => request.cleanup),
      progress.captured,
      powers,
    )
    const evidence = textEvidence('http.txt', [...progress.records, ...swept.records].join('\n'))
    const { last } = progress
    const base = { evidence, captures: textsOf(progress.captured) }
    if (last.outcome !== 'passed')
      return { ...base, outcome: last.outcome, say: last.say + swept.addition, facts: last.facts }
    if (swept.problem)
      return { ...base, outcome: swept.problem.outcome, say: `cleanup: ${swept.problem.say}`, facts: last.facts }
    const count = progress.records.length
    return judged(powers, last.facts, {
      ...base,
      say: count === 1 ? last.say : `${count} requests as expected, the last: ${last.say}`,
    })
  },
  async probe(given, powers) {
    const origins = originsOf(parseScenario(given.requests).scenario.requests, powers)
    const answers = await Promise.all(origins.map((origin) => reach(origin, powers)))
    if (answers.length === 0) return { ok: true, say: 'its addresses are known only when it runs' }
    return { ok: answers.every(({ ok }) => ok), say: answers.map(({ say }) => say).join('; ') }
  },
})

interface Progress {
  readonly last: Exchange
  readonly captured: Captured
  readonly records: readonly string[]
}

/** In order, until the first that is not as expected. */
async function forward(requests: readonly HttpRequest[], powers: CheckPowers): Promise<Progress> {
  let progress: Progress = {
    last: { outcome: 'errored', say: 'there is no request', facts: {}, captured: {}, record: '' },
    captured: {},
    records: [],
  }
  for (const request of requests) {
    powers.progress(`${request.method} ${request.name}`)
    const last = await patiently(request, progress.captured, powers)
    progress = {
      last,
      captured: { ...progress.captured, ...last.captured },
      records: [...progress.records, last.record],
    }
    if (last.outcome !== 'passed') return progress
  }
  return progress
}

/** What this scenario captured wins over what the release knows. */
function valuesOf(powers: CheckPowers, captured: Captured): Values {
  return {
    variables: { ...powers.variables, ...textsOf(captured) },
    bindings: { ...powers.bindings(), ...captured },
    secret: powers.secret,
  }
}

function textsOf(captured: Captured): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(captured).map(([name, value]) => [name, String(value)]))
}

/** With `@poll`, again until it is as expected; the last answer stands when patience is over. */
async function patiently(request: HttpRequest, captured: Captured, powers: CheckPowers): Promise<Exchange> {
  const values = valuesOf(powers, captured)
  const { poll } = request
  const until = powers.clock.now() + (poll?.forMs ?? 0)
  for (let tries = 1; ; tries += 1) {
    const result = await exchange(request, values, powers, powers.signal)
    if (result.outcome === 'passed' || !poll || powers.signal.aborted) return result
    if (powers.clock.now() + poll.everyMs > until)
      return { ...result, say: `${result.say}, after ${tries} tries in ${sayMillis(poll.forMs)}` }
    powers.progress(`${result.say}; again in ${sayMillis(poll.everyMs)}`)
    await powers.clock.sleep(poll.everyMs, powers.signal)
  }
}

interface Swept {
  readonly records: readonly string[]
  readonly problem: Pick<CheckResult, 'outcome' | 'say'> | null
  /** Said behind the scenario's own failure. */
  readonly addition: string
}

/** Runs also when the scenario failed or ran out of time. What was never made (its captured id is missing) needs no cleanup. */
async function sweep(requests: readonly HttpRequest[], captured: Captured, powers: CheckPowers): Promise<Swept> {
  const values = valuesOf(powers, captured)
  const records: string[] = []
  let problem: Swept['problem'] = null
  for (const request of requests) {
    const lacking = namesOf(request).find(
      (name) => !name.startsWith('secret.') && !Object.hasOwn(values.variables, name),
    )
    if (lacking !== undefined) {
      records.push(`${request.method} ${request.url}\n  not needed: {{ ${lacking} }} was never captured\n`)
      continue
    }
    const result = await exchange(request, values, powers, AbortSignal.timeout(cleanupTimeoutMs))
    records.push(result.record)
    if (result.outcome !== 'passed') problem ??= result
  }
  return { records, problem, addition: problem ? `; cleanup: ${problem.say}` : '' }
}

/** Where its requests go, as far as that is known before anything was captured. */
function originsOf(requests: readonly HttpRequest[], powers: CheckPowers): readonly string[] {
  const origins = requests.flatMap((request) => {
    try {
      const bare = { ...request, headers: [], body: null }
      return [new URL(renderRequest(bare, valuesOf(powers, {})).url).origin]
    } catch {
      return []
    }
  })
  return [...new Set(origins)]
}

/** Any answer will do: a probe asks whether somebody is there, not whether all is well. */
async function reach(origin: string, powers: CheckPowers): Promise<{ readonly ok: boolean; readonly say: string }> {
  try {
    const answer = await powers.http(origin, { method: 'HEAD', headers: {}, signal: powers.signal, redirect: 'manual' })
    return { ok: true, say: `${origin} answers (${answer.status})` }
  } catch (fault) {
    return { ok: false, say: wordsOf(fault) }
  }
}
