/** Any address that answers with JSON: a value of its answer is the number, another may say of when it is. */
import { z } from 'zod'
import { checkValue, evaluateValue } from '../core/plan/expression.ts'
import { defineMetricSource, type MetricPowers, type MetricSource } from '../core/ports/metrics.ts'
import type { Instant, Json, Millis } from '../core/units.ts'
import { addressField, ask, type Bounds, isHtml, millisOf, timeoutField } from './answer.ts'
import { type Known, sourceFrom, type ValueReader } from './from-values.ts'
import { checkQuery, readQuery } from './http-json-query.ts'
import { withTimes } from './time-words.ts'

const config = z.strictObject({
  url: addressField.describe('base address; paths of queries stand behind it'),
  headers: z.record(z.string(), z.string()).default({}).describe('sent with every query, such as a bearer token'),
  time: z
    .string()
    .superRefine((text, context) => {
      const checked = checkValue(text, { body: 'dyn' })
      if ('found' in checked)
        context.addIssue({
          code: 'custom',
          message: `expected a value of the JSON such as body.updated_at, found ${checked.found}`,
        })
    })
    .optional()
    .describe(
      'where an answer says of when it is, such as body.updated_at: ISO, or seconds or milliseconds since 1970',
    ),
  'max-age': timeoutField.default('5m').describe('with time: what is older is no data'),
  timeout: timeoutField.describe('longest time one query may take'),
})
type Config = z.infer<typeof config>

export const httpJson = defineMetricSource<Config>({
  kind: 'http-json',
  summary: 'An address that answers with JSON: numbers of another tool, such as tickets, sign-ups or costs',
  config: config as unknown as z.ZodType<Config>,
  example:
    'sources:\n  desk: { kind: http-json, url: https://desk.example.com/api, time: body.updated_at, headers: { authorization: "Bearer {{ secret.DESK_TOKEN }}" } }',
  timeoutMs: 5000,
  checkQuery,
  open: (given) => open(config.parse(given)),
})

const mostBytes = 8_000_000
const skewMs = 60_000

function open(given: Config): MetricSource {
  const bounds: Bounds = { timeoutMs: millisOf(given.timeout), mostBytes }
  const base = given.url.replace(/\/+$/, '')
  const fetched = async (url: string, powers: MetricPowers): Promise<Known<Json>> => {
    const headers = { accept: 'application/json', 'cache-control': 'no-cache', ...given.headers }
    const answer = await ask({ method: 'GET', url, headers }, bounds, powers)
    if (answer.kind === 'fault') return { why: answer.why }
    if (answer.status !== 200) return { why: `answered ${answer.status}` }
    if (isHtml(answer)) return { why: 'answered with an HTML page' }
    if (answer.text.trim() === '') return { why: 'answered with an empty text' }
    try {
      return { known: JSON.parse(answer.text) as Json }
    } catch {
      return { why: 'answered with broken JSON' }
    }
  }
  const reader: ValueReader = {
    async read(text, { from, to }, _labels, powers) {
      const query = readQuery(text)
      if ('why' in query) return query
      const parameters = query.parameters.map(([name, value]) => [name, withTimes(value, from, to)])
      const search = parameters.map((pair) => pair.map((one) => encodeURIComponent(one ?? '')).join('=')).join('&')
      const url = `${base}${query.path}${search === '' ? '' : `${query.path.includes('?') || base.includes('?') ? '&' : '?'}${search}`}`
      const told = await fetched(url, powers)
      if ('why' in told) return told
      const age =
        given.time === undefined
          ? null
          : ageProblem(given.time, told.known, to, powers.clock.now(), millisOf(given['max-age']))
      return age === null ? valueOf(query.expression, told.known) : { why: age }
    },
    async probe(powers) {
      const told = await fetched(base, powers)
      return 'why' in told && !/^answered 4\d\d$/.test(told.why)
        ? { ok: false, say: `${base} ${told.why}` }
        : { ok: true, say: `${base} answers` }
    },
  }
  return sourceFrom(reader)
}

function valueOf(expression: string, body: Json): Known<Json> {
  const value = evaluateValue(expression, { body })
  return value.kind === 'value' ? { known: value.value } : { why: `answered without a value: ${value.why}` }
}

/** Old data is not now. */
function ageProblem(expression: string, body: Json, to: Instant, now: Instant, mostMs: Millis): string | null {
  const said = valueOf(expression, body)
  if ('why' in said) return `${said.why}, so nobody knows of when it is`
  const at = instantOf(said.known)
  if (at === null) return `says that it is of ${JSON.stringify(said.known).slice(0, 60)}, which is no time`
  if (at > now + skewMs) return `answered with a value from ${Math.round((at - now) / 1_000)} s in the future`
  const ageMs = to - at
  return ageMs <= mostMs
    ? null
    : `answered with a value ${Math.round(ageMs / 1_000)} s older than asked for, at most ${mostMs / 1_000} s`
}

/** Seconds or milliseconds: until the year 2286 they cannot be mistaken for one another. */
function instantOf(value: Json): Instant | null {
  const at =
    typeof value === 'number'
      ? value < 1e10
        ? value * 1_000
        : value
      : typeof value === 'string'
        ? Date.parse(value)
        : Number.NaN
  return Number.isFinite(at) ? at : null
}
