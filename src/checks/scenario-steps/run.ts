/** Runs the steps of a scenario: in order, again where they say so, some beside the others, and the cleanup whatever happened. */
import { evaluateCondition, evaluateValue } from '../../core/plan/expression.ts'
import type { CheckPowers, CheckResult, EvidenceBytes } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { fill, millisOf } from '../parts/fields.ts'
import { oneLine, sayMillis, wordsOf } from '../parts/say.ts'
import {
  isForItsValue,
  isRepeated,
  kindOf,
  namesUsedBy,
  settingsOf,
  type StepSettings,
  titleOf,
  variableOf,
} from './settings.ts'

type Captured = Readonly<Record<string, Json>>

/** A step with its place in the document, from 0. */
export interface Step {
  readonly given: StepSettings
  readonly index: number
}

export interface Progress {
  /** The first that was not as expected, or the last of all. */
  readonly last: CheckResult
  readonly captured: Captured
  readonly records: readonly string[]
  readonly evidence: readonly EvidenceBytes[]
}

/** How long one step of a cleanup may take: it runs after the check's own time may be over. */
const cleanupTimeoutMs = 10_000
/** What was told to stop gets this long to say what it saw. */
const goodbyeMs = 10_000

/**
 * In order, until the first that is not as expected; those in the background go on beside it and are waited for. What is
 * captured is kept before the next step begins: should nobody live to clean up, the next run knows what was made.
 */
export async function forward(
  steps: readonly Step[],
  powers: CheckPowers,
  keep: (captured: Captured) => Promise<void>,
): Promise<Progress> {
  await keep({})
  const stop = new AbortController()
  const limited = { ...powers, signal: AbortSignal.any([powers.signal, stop.signal]) }
  const beside: { readonly step: Step; readonly running: Promise<CheckResult> }[] = []
  let progress: Progress = { last: nothing, captured: {}, records: [], evidence: [] }
  for (const step of steps) {
    powers.progress(titleOf(step.given, step.index))
    if (step.given.background) {
      beside.push({ step, running: once(step, progress.captured, limited) })
      continue
    }
    const result = await inRounds(step, progress.captured, limited)
    progress = withResult(progress, step, await keptBy(keep, { ...progress.captured, ...result.values }, result))
    if (progress.last.outcome !== 'passed') break
  }
  const isBroken = progress.last.outcome !== 'passed' && progress.records.length > 0
  if (isBroken) stop.abort('a step of the scenario was not as expected')
  for (const { step, running } of beside) {
    const result = await running
    const before = progress.last
    progress = withResult(progress, step, result)
    // The first that was wrong is told, not those that had to stop for it.
    if (isBroken || (before.outcome !== 'passed' && before !== nothing)) progress = { ...progress, last: before }
  }
  return progress
}

/** What cannot be kept may have been made: it is cleaned up now, and nothing more is made. */
async function keptBy(
  keep: (captured: Captured) => Promise<void>,
  captured: Captured,
  result: Stepped,
): Promise<Stepped> {
  if (result.values === undefined || Object.keys(result.values).length === 0) return result
  try {
    await keep(captured)
    return result
  } catch (fault) {
    return { ...result, outcome: 'errored', say: `what it captured cannot be kept: ${wordsOf(fault)}` }
  }
}

const nothing: CheckResult = { outcome: 'errored', say: 'no step was run', evidence: [] }

function withResult(progress: Progress, { given, index }: Step, result: Stepped): Progress {
  const title = titleOf(given, index)
  return {
    last: { ...result, say: oneLine(`${title}: ${result.say}`) },
    captured: { ...progress.captured, ...result.values },
    records: [...progress.records, `${title}: ${result.outcome}, ${result.say}`],
    evidence: [
      ...progress.evidence,
      ...result.evidence.map((piece) => ({ ...piece, name: `${index + 1}-${piece.name}` })),
    ],
  }
}

interface Stepped extends CheckResult {
  /** What it captured, with its types. */
  readonly values?: Captured
}

/** With `repeat` or `for-each`, that often: until it is not as expected, or for a cleanup to the end. Its values are those of the last round. */
async function inRounds(step: Step, captured: Captured, powers: CheckPowers): Promise<Stepped> {
  const rounds = roundsOf(step.given, { ...powers.variables, ...textsOf(captured) })
  if (typeof rounds === 'string') return { outcome: 'errored', say: rounds, evidence: [] }
  if (rounds === null) return patiently(step, captured, powers)
  let values: Captured = {}
  let last: Stepped = nothing
  let wrong: Stepped | null = null
  for (const [index, item] of rounds.entries()) {
    const round = { round: index + 1, ...(item !== null && { item }) }
    last = await patiently(step, { ...captured, ...values, ...round }, powers)
    values = { ...values, ...last.values }
    if (last.outcome === 'passed') continue
    const which = `round ${index + 1} of ${rounds.length}${item === null ? '' : ` (${String(item)})`}`
    wrong ??= { ...last, say: `${which}: ${last.say}` }
    if (!step.given.cleanup || powers.signal.aborted) break
  }
  return { ...(wrong ?? { ...last, say: `${rounds.length} times as expected, the last, ${last.say}` }), values }
}

/** An item for each round, null where there is none; null = it is not repeated; or why an item cannot be told. */
function roundsOf(
  given: StepSettings,
  variables: Readonly<Record<string, string>>,
): readonly (string | number | boolean | null)[] | string | null {
  const each = given['for-each']
  try {
    if (each !== undefined) return each.map((item) => (typeof item === 'string' ? fill(item, variables) : item))
  } catch (fault) {
    return wordsOf(fault)
  }
  return given.repeat === undefined ? null : Array.from({ length: given.repeat }, () => null)
}

/** With `poll`, again until it is as expected; the last answer stands when patience is over. */
async function patiently(step: Step, captured: Captured, powers: CheckPowers): Promise<Stepped> {
  const { poll } = step.given
  const patience = poll === undefined ? 0 : millisOf(poll.for)
  const until = powers.clock.now() + patience
  for (let tries = 1; ; tries += 1) {
    const result = await once(step, captured, powers)
    if (result.outcome === 'passed' || poll === undefined || powers.signal.aborted) return result
    const pause = millisOf(poll.every)
    if (powers.clock.now() + pause > until)
      return {
        ...result,
        say: `${result.say}, after ${tries === 1 ? '1 try' : `${tries} tries`} in ${sayMillis(patience)}`,
      }
    powers.progress(`${titleOf(step.given, step.index)}: ${result.say}; again in ${sayMillis(pause)}`)
    await powers.clock.sleep(pause, powers.signal)
  }
}

/** One step by itself. Never throws. */
export function runOnce(step: Step, powers: CheckPowers): Promise<CheckResult> {
  return once(step, {}, powers)
}

/** One step by itself, for the value that it gives. Never throws. */
export function readOnce(step: Step, powers: CheckPowers): Promise<CheckResult> {
  return once(step, {}, powers, true)
}

/** Never throws; what does not end in its time is told to, and does not pass. */
async function once(
  { given }: Step,
  captured: Captured,
  powers: CheckPowers,
  forItsValue = isForItsValue(given),
): Promise<Stepped> {
  const kind = kindOf(given)
  const timeoutMs = Math.min(given.timeout === undefined ? kind.timeoutMs : millisOf(given.timeout), powers.timeoutMs)
  const signal = AbortSignal.any([powers.signal, AbortSignal.timeout(timeoutMs)])
  const own = powersFor(given, captured, { ...powers, signal, timeoutMs, forItsValue })
  const running = run(given, own)
  const result = await Promise.race([running, tooLate(signal, powers)])
  if (result === null) return { outcome: 'errored', say: timeWords(powers, timeoutMs), evidence: [] }
  if (result.outcome !== 'passed') return result
  if (signal.aborted) return { ...result, outcome: 'errored', say: timeWords(powers, timeoutMs) }
  return withCaptures(given, result, own)
}

async function run(given: StepSettings, powers: CheckPowers): Promise<CheckResult> {
  const kind = kindOf(given)
  try {
    return await kind.run(kind.config.parse(settingsOf(given)), powers)
  } catch (fault) {
    return { outcome: 'errored', say: wordsOf(fault), evidence: [] }
  }
}

async function tooLate(signal: AbortSignal, { clock }: CheckPowers): Promise<null> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await clock.sleep(goodbyeMs)
  return null
}

function timeWords({ signal }: CheckPowers, timeoutMs: number): string {
  return signal.aborted ? 'it was stopped before it ended' : `it did not end within ${sayMillis(timeoutMs)}`
}

/** The powers of the scenario, with the values of this moment and the expectation of this step. */
function powersFor(given: StepSettings, captured: Captured, powers: CheckPowers): CheckPowers {
  const texts = textsOf(captured)
  const variables = { ...powers.variables, ...texts }
  const bindings = (): Readonly<Record<string, Json>> => ({ ...powers.bindings(), ...captured })
  const expectation = given.expect ?? null
  const env = Object.fromEntries(Object.entries(texts).map(([name, text]) => [variableOf(name), text]))
  return {
    ...powers,
    variables,
    bindings,
    expectation,
    expect: (facts) => {
      if (expectation === null) return null
      const answer = evaluateCondition(expectation, { ...bindings(), ...facts })
      return answer.kind === 'value' ? answer.value : { inconclusive: answer.why }
    },
    command: (request) =>
      powers.command({ ...request, env: { ...env, ...request.env }, part: given.cleanup ? 'cleanup' : 'forward' }),
  }
}

/** What it gave by itself, and what `capture` takes of its facts. */
function withCaptures(given: StepSettings, result: CheckResult, powers: CheckPowers): Stepped {
  const values: Record<string, Json> = { ...result.captures, ...result.values }
  for (const [name, from] of Object.entries(given.capture)) {
    const answer = evaluateValue(from, { ...powers.bindings(), ...values, ...result.facts })
    const why =
      answer.kind === 'inconclusive'
        ? answer.why
        : answer.value === null || typeof answer.value === 'object'
          ? 'it is no text, number or boolean'
          : null
    if (why !== null)
      return { ...result, outcome: 'inconclusive', say: `${result.say}; cannot capture ${name} = ${from}: ${why}` }
    if (answer.kind === 'value') values[name] = answer.value
  }
  return { ...result, values }
}

export function textsOf(captured: Captured): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(captured).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

/** What an earlier run of this step made and did not live to take away. */
export async function takeBack(
  steps: readonly Step[],
  ofScenario: readonly string[],
  powers: CheckPowers,
): Promise<Pick<Progress, 'records'> & { readonly problem: CheckResult | null }> {
  const captured = steps.length === 0 ? null : ((await powers.kept()) as Captured | null)
  if (captured === null) return { records: [], problem: null }
  const { progress, problem } = await sweep(
    steps,
    { last: nothing, captured, records: [], evidence: [] },
    ofScenario,
    powers,
  )
  const records = progress.records.map((record) => `of an earlier run, ${record}`)
  return { records, problem: problem && { ...problem, say: `of an earlier run, ${problem.say}` } }
}

/** Runs also when the scenario failed or ran out of time. What was never made (its captured id is missing) needs no cleanup. */
export async function sweep(
  steps: readonly Step[],
  before: Progress,
  ofScenario: readonly string[],
  powers: CheckPowers,
): Promise<{ readonly progress: Progress; readonly problem: CheckResult | null }> {
  let progress = before
  let problem: CheckResult | null = null
  for (const step of steps) {
    const rounds = isRepeated(step.given) ? { round: '1', item: '' } : {}
    const known = { ...powers.variables, ...textsOf(progress.captured), ...rounds }
    const lacking = namesUsedBy(step.given, ofScenario).find((name) => !Object.hasOwn(known, name))
    if (lacking !== undefined) {
      const record = `${titleOf(step.given, step.index)}: not needed, ${lacking} was never captured`
      progress = { ...progress, records: [...progress.records, record] }
      continue
    }
    const signal = AbortSignal.timeout(
      step.given.timeout === undefined ? cleanupTimeoutMs : millisOf(step.given.timeout),
    )
    const result = await inRounds(step, progress.captured, { ...powers, signal })
    const { last } = (progress = withResult(progress, step, result))
    if (last.outcome !== 'passed') problem ??= last
  }
  return { progress: { ...progress, last: before.last }, problem }
}
