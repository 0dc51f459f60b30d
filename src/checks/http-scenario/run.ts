/** Runs the requests of a scenario: in order, patiently where they say so, and those of the cleanup whatever happened. */
import { z } from 'zod'
import type { CheckPowers, CheckResult } from '../../core/ports/check.ts'
import type { Base } from '../parts/base-source.ts'
import { sayMillis } from '../parts/say.ts'
import { exchange, type Exchange } from './exchange.ts'
import { type Captured, namesOf, type Values } from './render.ts'
import { type HttpRequest, parseScenario } from './scenario.ts'

type HttpPowers = Pick<CheckPowers, 'bindings' | 'clock' | 'http' | 'progress' | 'secret' | 'signal' | 'variables'> & {
  readonly base?: Base | null
}

/** How long one request of a cleanup may take: it runs after the check's own time may be over. */
const cleanupTimeoutMs = 10_000

/** Requests in `.http` form. */
export const requestsField = z.string().superRefine((text, context) => {
  for (const { line, message } of parseScenario(text).problems)
    context.addIssue({ code: 'custom', message: `line ${line}: ${message}` })
})

export interface Progress {
  readonly last: Exchange
  readonly captured: Captured
  readonly records: readonly string[]
}

/** In order, until the first that is not as expected. */
export async function forward(requests: readonly HttpRequest[], powers: HttpPowers): Promise<Progress> {
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
export function valuesOf(powers: HttpPowers, captured: Captured): Values {
  return {
    variables: { ...powers.variables, ...textsOf(captured) },
    bindings: { ...powers.bindings(), ...captured },
    secret: powers.secret,
    ...(powers.base && { base: powers.base }),
    now: () => powers.clock.now(),
  }
}

export function textsOf(captured: Captured): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(captured).map(([name, value]) => [name, String(value)]))
}

/** With `@poll`, again until it is as expected; the last answer stands when patience is over. */
async function patiently(request: HttpRequest, captured: Captured, powers: HttpPowers): Promise<Exchange> {
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

export interface Swept {
  readonly records: readonly string[]
  readonly problem: Pick<CheckResult, 'outcome' | 'say'> | null
  /** Said behind the scenario's own failure. */
  readonly addition: string
}

/** Runs also when the scenario failed or ran out of time. What was never made (its captured id is missing) needs no cleanup. */
export async function sweep(requests: readonly HttpRequest[], captured: Captured, powers: HttpPowers): Promise<Swept> {
  const values = valuesOf(powers, captured)
  const records: string[] = []
  let problem: Swept['problem'] = null
  for (const request of requests) {
    const lacking = namesOf(request).find(
      (name) => !/^(?:secret|totp)\./.test(name) && !Object.hasOwn(values.variables, name),
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
