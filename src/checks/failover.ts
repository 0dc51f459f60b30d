/** `yaml check kind: failover`: something is broken on purpose, the service lives through it or recovers in time, and it is always mended. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { CommandResult } from '../core/ports/launcher.ts'
import { judgeFault, type Seen } from './failover-run/judge.ts'
import { type Probe, probeOnce, probeUntil, probeUntilPassed } from './failover-run/probing.ts'
import { type FaultSettings, type FaultTold, script } from './failover-run/script.ts'
import { whyNotHere } from './failover-run/guard.ts'
import { textEvidence } from './parts/evidence.ts'
import { durationField, fill, millisOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { oneLine } from './parts/say.ts'
import { stepNeeds } from './scenario-steps/kinds.ts'
import { readOnce, type Step } from './scenario-steps/run.ts'
import {
  expressionsOf,
  isRepeated,
  namesGivenBy,
  readingField,
  secretsOf,
  settingsOf,
  stepsField,
  type StepSettings,
  titleOf,
} from './scenario-steps/settings.ts'
import { lookWhereCommandsRun } from './parts/where-commands-run.ts'

const againAndAgain = (steps: readonly StepSettings[]): boolean =>
  steps.every(
    (one) => !one.background && !one.cleanup && !one.poll && !isRepeated(one) && Object.keys(one.capture).length === 0,
  )
const plainSteps = {
  error: 'expected steps without background, cleanup, poll, repeat and capture: they are asked again and again anyway',
}

const asked = stepsField.refine(againAndAgain, plainSteps)
const valued = readingField.refine(againAndAgain, plainSteps)

const lists = ['survives', 'recovers', 'unchanged'] as const

const config = z.strictObject({
  break: z.string().min(1).optional().describe('Command that breaks it where commands run: `systemctl stop redis`'),
  mend: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Command that mends it, and does nothing where nothing is broken; it runs before, and whatever happens. It asks what supervises a service to start it (`systemctl start`): what it starts itself ends with it',
    ),
  process: z
    .strictObject({
      'pid-file': z.string().min(1),
      name: z.string().min(1),
      signal: z.enum(['STOP', 'KILL', 'TERM']),
    })
    .optional()
    .describe(
      'Instead of `break`: a signal to the process of this file, if it has this name. STOP is taken back by itself; after the others `mend` starts it, or what supervises it does',
    ),
  'broken-for': durationField.default('20s').describe('How long it stays broken'),
  production: z.array(z.string().min(1)).min(1).describe('Hosts, or host:port, on which nothing is ever broken'),
  survives: asked
    .optional()
    .describe('Steps, as of a `scenario`, that pass all the while: the service itself, without its cache'),
  gap: durationField.default('0s').describe('How long those may not pass at a stretch: until a replica takes over'),
  recovers: asked
    .optional()
    .describe('Steps that do not pass while it is broken, which shows that it is, and pass again afterwards'),
  'recovers-within': durationField.default('30s').describe('All of these steps pass so soon after it was mended'),
  unchanged: valued
    .optional()
    .describe('Steps whose `value` is afterwards what it was before, such as a count of rows'),
  every: durationField.default('500ms').describe('How often each is asked'),
})

type Config = z.infer<typeof config>

export const failover = defineCheck({
  kind: 'failover',
  summary: 'Something is broken on purpose: the service survives or recovers in time, and it is always mended',
  config: config.superRefine((given, context) => {
    const slip = slipOf(given)
    if (slip !== null) context.addIssue({ code: 'custom', message: slip })
  }),
  needs: [...new Set([...stepNeeds, 'command' as const, 'source' as const])],
  timeoutMs: 900_000,
  example: [
    '```yaml check',
    'kind: failover',
    'break: systemctl stop redis-server',
    'mend: systemctl start redis-server',
    'production: [redis.internal, shop.example]',
    'survives:',
    '  - kind: http',
    '    requests: GET https://staging.shop.example/cart',
    'recovers:',
    '  - kind: redis',
    '    host: redis.staging.internal',
    'recovers-within: 15s',
    '```',
  ].join('\n'),
  facts: { broken_ms: 'double', gap_ms: 'double', recovery_ms: 'double', probes: 'int' },
  secrets: secretsOf,
  givesNames: (given) => lists.flatMap((name) => (config.parse(given)[name] ?? []).flatMap(namesGivenBy)),
  expressions: (given) =>
    lists.flatMap((name) =>
      expressionsOf(config.parse(given)[name] ?? []).map((one) => ({
        ...one,
        setting: name,
        path: [name, ...(one.path ?? []).slice(1)],
      })),
    ),
  inner: (given) =>
    lists.flatMap((name) =>
      (given[name] ?? []).map((step, index) => ({ kind: step.kind, config: settingsOf(step), path: [name, index] })),
    ),
  async run(given, powers) {
    const guard = whyNotHere(given, stepsOf(given), powers)
    if (guard !== null) return { outcome: 'errored', say: oneLine(`${guard}: nothing was broken`), evidence: [] }
    const before = await Promise.all(numbered([...stepsOf(given)]).map((step) => probeOnce(step, powers)))
    const sick = before.find(({ isPassed }) => !isPassed)
    if (sick !== undefined) return sickBefore(sick, given, powers)
    return rehearse(given, powers)
  },
  /** Whether it would be let: nothing is broken. */
  async probe(given, powers) {
    const guard = whyNotHere(given, stepsOf(given), powers)
    if (guard !== null) return { ok: false, say: guard }
    const asked = await lookWhereCommandsRun({ programs: [given.break ?? '', given.mend ?? ''] }, powers)
    return asked.ok ? { ok: true, say: 'it would be broken and mended here, and is not production' } : asked
  },
})

function slipOf(given: Config): string | null {
  if ((given.break === undefined) === (given.process === undefined)) return 'expected break or process, one of them'
  if (given.break !== undefined && given.mend === undefined) return 'expected mend beside break: it is always mended'
  if (given.survives === undefined && given.recovers === undefined)
    return 'expected survives or recovers: what is looked at while it is broken'
  return null
}

function stepsOf(given: Config): readonly StepSettings[] {
  return [...(given.survives ?? []), ...(given.recovers ?? [])]
}

function numbered(steps: readonly StepSettings[] = []): readonly Step[] {
  return steps.map((given, index) => ({ given, index }))
}

function settingsFor(given: Config, { variables }: CheckPowers, run: string, isMending: boolean): FaultSettings {
  const { process: its } = given
  return {
    run,
    break: given.break ?? null,
    mend: given.mend ?? null,
    process:
      its === undefined ? null : { pidFile: fill(its['pid-file'], variables), name: its.name, signal: its.signal },
    brokenForMs: millisOf(given['broken-for']),
    isMending,
  }
}

/** With `isMending` it starts whatever has become of the check and the release. */
async function startFault(
  given: Config,
  powers: CheckPowers,
  run: string,
  isMending = false,
): Promise<FaultTold | null> {
  const env = { HOLDPOINT_FAULT: JSON.stringify(settingsFor(given, powers, run, isMending)) }
  const cleanup = isMending ? { part: 'cleanup' as const } : {}
  const { timeoutMs } = powers
  return toldIn(await powers.command({ shell: 'node', script, cwd: null, timeoutMs, env, ...cleanup }))
}

function toldIn({ stdout }: CommandResult): FaultTold | null {
  try {
    const told = JSON.parse(new TextDecoder().decode(stdout).trimEnd().split('\n').at(-1) ?? '') as FaultTold
    return typeof told === 'object' && told !== null && 'unmended' in told ? told : null
  } catch {
    return null
  }
}

/** null = it is mended, as far as the command that mends can say. */
async function mendAgain(given: Config, powers: CheckPowers): Promise<string | null> {
  try {
    const told = await startFault(given, powers, 'mend', true)
    return told === null ? 'nobody knows whether it is mended' : told.unmended
  } catch (fault) {
    return (fault as Error).message
  }
}

function stillBroken(why: string): CheckResult {
  return { outcome: 'errored', say: oneLine(`IT IS STILL BROKEN, mend it by hand: ${why}`), evidence: [] }
}

/** What an engine saw that is gone is lost, though its command was found again. It is mended, and all of it begins again. */
const begunElsewhere: CheckResult = {
  outcome: 'errored',
  say: 'the engine that ran it is gone; it is mended, and begins again',
  evidence: [],
  facts: { lost: true },
}

/** Perhaps an earlier run could not mend it. Where that helps, all of it begins again. */
async function sickBefore(sick: Probe, given: Config, powers: CheckPowers): Promise<CheckResult> {
  const why = `${sick.title} does not pass before anything is broken: ${sick.say}`
  const unmended = await mendAgain(given, powers)
  if (unmended !== null)
    return { outcome: 'errored', say: oneLine(`${why}; and mending fails: ${unmended}`), evidence: [] }
  const until = powers.clock.now() + millisOf(given['recovers-within'])
  const after = await probeUntilPassed(numbered(stepsOf(given)), millisOf(given.every), until, powers)
  if (after.every(({ isPassed }) => isPassed))
    return {
      outcome: 'errored',
      say: oneLine(`${why}; it is mended now, and begins again`),
      evidence: [],
      facts: { lost: true },
    }
  return { outcome: 'inconclusive', say: oneLine(`${why}; nothing was broken`), evidence: [] }
}

async function rehearse(given: Config, powers: CheckPowers): Promise<CheckResult> {
  const everyMs = millisOf(given.every)
  const values = await valuesNow(given, powers)
  let told: FaultTold | null = null
  let unmended: string | null
  const run = crypto.randomUUID()
  const calledAt = powers.clock.now()
  const recording: Promise<readonly Probe[]>[] = []
  try {
    const fault = startFault(given, powers, run)
    for (const steps of [given.survives, given.recovers])
      recording.push(probeUntil(numbered(steps), everyMs, fault, powers))
    told = await fault
  } finally {
    unmended = told === null || told.unmended !== null || told.run !== run ? await mendAgain(given, powers) : null
  }
  const [survives = [], recovers = []] = await Promise.all(recording)
  const evidence = evidenceOf(told, [...survives, ...recovers])
  if (unmended !== null) return { ...stillBroken(unmended), evidence }
  if (told === null) return { outcome: 'errored', say: 'what breaks it did not run to its end; it is mended', evidence }
  if (told.run !== run) return begunElsewhere
  const { broken, brokenAt, mendingAt, mendedAt } = told
  if (broken !== null || brokenAt === null || mendingAt === null || mendedAt === null)
    return { outcome: 'errored', say: oneLine(broken ?? 'it was never broken'), evidence }
  const now = powers.clock.now()
  if (brokenAt < calledAt - skewMs || mendedAt > now + skewMs)
    return {
      outcome: 'inconclusive',
      say: 'the clock where commands run is another: nobody knows what was when',
      evidence,
    }
  const until = mendedAt + millisOf(given['recovers-within'])
  const after = await probeUntilPassed(numbered(stepsOf(given)), everyMs, until, powers)
  const changed = differing(values, await valuesNow(given, powers))
  const seen = {
    brokenAt,
    mendingAt,
    mendedAt,
    survives: byTitle(survives),
    recovers: byTitle(recovers),
    after,
    changed,
  }
  return concluded(seen, given, evidence, powers)
}

/** How far the clocks of two machines may be apart. */
const skewMs = 250

function concluded(seen: Seen, given: Config, evidence: CheckResult['evidence'], powers: CheckPowers): CheckResult {
  const limits = { gapMs: millisOf(given.gap), recoverMs: millisOf(given['recovers-within']) }
  const { outcome, say, facts } = judgeFault(seen, limits)
  if (outcome !== 'passed') return { outcome, say: oneLine(say), evidence, facts }
  return judged(powers, facts, { say: oneLine(say), evidence })
}

function byTitle(probes: readonly Probe[]): Readonly<Record<string, readonly Probe[]>> {
  const found: Record<string, Probe[]> = {}
  for (const probe of probes) (found[probe.title] ??= []).push(probe)
  return found
}

/** As text; null = it could not be asked. */
async function valuesNow({ unchanged }: Config, powers: CheckPowers): Promise<ReadonlyMap<string, string | null>> {
  const entries = numbered(unchanged).map(async (step) => {
    const { outcome, facts } = await readOnce(step, powers)
    const value = outcome === 'passed' ? facts?.['value'] : undefined
    return [titleOf(step.given, step.index), value === undefined ? null : JSON.stringify(value)] as const
  })
  return new Map(await Promise.all(entries))
}

function differing(
  before: ReadonlyMap<string, string | null>,
  after: ReadonlyMap<string, string | null>,
): readonly string[] {
  return [...before].flatMap(([title, value]) => {
    const now = after.get(title) ?? null
    if (value === null || now === null) return [`${title} gives no value ${value === null ? 'before' : 'afterwards'}`]
    return value === now ? [] : [`${title} was ${value}, and is ${now} afterwards`]
  })
}

function evidenceOf(told: FaultTold | null, probes: readonly Probe[]): CheckResult['evidence'] {
  const lines = probes.map(
    ({ title, from, to, isPassed, say }) =>
      `${new Date(from).toISOString()} ${to - from} ms ${title}: ${isPassed ? 'passed' : 'not passed'}, ${say}`,
  )
  return textEvidence('failover.txt', `${JSON.stringify(told)}\n${lines.toSorted().join('\n')}\n`)
}
