/** `http check`: a scenario of requests; every expectation holds, and cleanup runs whatever happened. */
import { z } from 'zod'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { renderRequest } from './http-scenario/render.ts'
import { forward, sweep, textsOf, valuesOf } from './http-scenario/run.ts'
import { type HttpRequest, parseScenario, scenarioExpressions, scenarioFacts } from './http-scenario/scenario.ts'
import { type Base, baseKinds, baseOf, onField } from './parts/base-source.ts'
import { textEvidence } from './parts/evidence.ts'
import { judged } from './parts/judged.ts'
import { readText } from './parts/read-text.ts'
import { wordsOf } from './parts/say.ts'

const config = z
  .strictObject({
    on: onField,
    requests: z
      .string()
      .describe(
        'Requests in .http form, between ### lines, to an address, or with `on` to a path such as /health. Above each: # @name, @expect, @capture, @poll every= for=, @timeout, @redirect follow, @header name: value (here and in what follows to the same place), @cleanup (runs whatever happened). Without an @expect of the status it must be 2xx. @expect and @capture see the answer (status, headers, body, text, time_ms), what earlier requests captured, and what a condition sees (version, input.NAME, values captured by earlier steps), by name and without {{ }}. capture=NAME keeps a captured value for later steps',
      ),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe("File with the certificates that are trusted, instead of this Node's own: of an authority of your own"),
  })
  .superRefine(({ on, requests }, context) => {
    for (const { line, message } of parseScenario(requests, { hasBase: on !== undefined }).problems)
      context.addIssue({ code: 'custom', path: ['requests'], message: `line ${line}: ${message}` })
  })

export const http = defineCheck({
  kind: 'http',
  summary: 'A scenario of HTTP requests whose expectations all hold',
  config,
  needs: ['http', 'secret', 'source', 'files'],
  sourceKinds: baseKinds,
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
  givesNames: (given) =>
    parseScenario(config.parse(given).requests).scenario.requests.flatMap(({ captures }) =>
      captures.map(({ name }) => name),
    ),
  expressions: (given) => scenarioExpressions(parseScenario(given.requests).scenario),
  async run(given, itsPowers) {
    const powers = await trusting(given.ca, withBase(given.on, itsPowers))
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
    const base = { evidence, captures: textsOf(progress.captured), values: progress.captured }
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
  async probe(given, itsPowers) {
    const powers = await trusting(given.ca, withBase(given.on, itsPowers))
    const origins = originsOf(parseScenario(given.requests).scenario.requests, powers)
    const answers = await Promise.all(origins.map((origin) => reach(origin, powers)))
    if (answers.length === 0) return { ok: true, say: 'its addresses are known only when it runs' }
    return { ok: answers.every(({ ok }) => ok), say: answers.map(({ say }) => say).join('; ') }
  },
})

type WithBase = CheckPowers & { readonly base: Base | null }

function withBase(on: string | undefined, powers: CheckPowers): WithBase {
  return { ...powers, base: on === undefined ? null : baseOf(on, powers) }
}

async function trusting<P extends CheckPowers>(file: string | undefined, powers: P): Promise<P> {
  if (file === undefined) return powers
  const ca = await readText(powers, file)
  return { ...powers, http: (url, init) => powers.http(url, { ...init, ca }) }
}

/** Where its requests go, as far as that is known before anything was captured. */
function originsOf(requests: readonly HttpRequest[], powers: WithBase): readonly string[] {
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
