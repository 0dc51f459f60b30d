/** Runs one block of a checklist alone, and asks whether what it names can be reached: nothing is recorded. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askDatabase } from '../checks/sql-query/database.ts'
import { kinds } from './app.ts'
import { confinementFor, confinementWords } from './command-confinement.ts'
import type { CheckBlock, CommandSpec, ComponentPlan, Plan, StepPlan } from '../core/plan/plan.ts'
import type { EvidenceBytes } from '../core/ports/check.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { EffectContext, HistoryRequest } from '../core/ports/engine.ts'
import type { RosterAnswer } from '../core/ports/roster.ts'
import { decide } from '../core/release/decide.ts'
import type { Outcome } from '../core/release/events.ts'
import { evolve } from '../core/release/evolve.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { askAction, askCheck, type AskedStep } from '../worker/asking.ts'
import { createCheckRunner } from '../worker/check-runner.ts'
import { realClock } from '../worker/clock.ts'
import { createCommandRunner } from '../worker/command-runner.ts'
import { readHistory } from '../worker/history.ts'
import { openDriver, trafficPowersOf } from '../worker/drivers.ts'
import { connectLauncher } from '../worker/launcher-client.ts'
import { createMetricSources } from '../worker/metric-sources.ts'
import { askChannel } from '../worker/messenger.ts'
import { createOutbound } from '../worker/outbound.ts'
import { createRosterReader } from '../worker/roster/reader.ts'
import { createSecretVault } from '../worker/secret-vault.ts'

export { SHORTEST_SECRET } from '../worker/launcher/codings.ts'

export interface Situation {
  readonly plan: Plan
  readonly version: string
  /** What serves now; absent = nobody said. */
  readonly previous?: string | null
  readonly environment: string
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  readonly workspace: { readonly root: string; readonly commit: string | null; readonly dirty: boolean }
}

export interface Tried {
  readonly outcome: Outcome
  readonly say: string
  readonly evidence: readonly EvidenceBytes[]
  readonly captures: Readonly<Record<string, string>>
}

export interface Reachable {
  readonly ok: boolean
  readonly say: string
}

export interface Alone {
  /** The step's own check or action. null = it has none: a person or the engine closes it. */
  tryStep(step: StepPlan, progress: (say: string) => void): Promise<Tried | null>
  /** Asks a declared metric source. null = its kind has no question to ask. */
  probeSource(name: string): Promise<Reachable | null>
  /** Asks what a check or an action needs. null = it needs nothing that can be asked. */
  ask(one: CheckBlock | CommandSpec): Promise<AskedStep | null>
  /** Reads the weight of a rollout's component; sets nothing. */
  probeComponent(component: ComponentPlan): Promise<Reachable>
  /** Asks whether a channel would take a message; sends none. null = its kind has no question to ask. */
  probeChannel(name: string): Promise<Reachable | null>
  /** Reads stable's past, a part of its instances in the role of the canary. Never throws: what cannot be read is said. */
  history(request: HistoryRequest, signal: AbortSignal): Promise<readonly SampleBatch[]>
  close(): Promise<void>
}

const PROBE_WITHIN_MS = 15_000

/** What commands of a server that this terminal started would run as, and under which limits. */
export function commandsHere(): Reachable {
  try {
    const { say } = confinementWords(confinementFor('server', process.env, () => {}))
    return { ok: true, say: `of a server started here: ${say}` }
  } catch (fault) {
    return { ok: false, say: fault instanceof Error ? fault.message : String(fault) }
  }
}

/** Asks the service that keeps the roster of a plan, with the secrets of this terminal. Never throws. */
export async function readRosterHere(plan: Plan): Promise<RosterAnswer> {
  const outbound = createOutbound()
  try {
    const vault = createSecretVault(process.env)
    return await createRosterReader({ clock: realClock(), outbound, vault }).read(plan, 'now')
  } finally {
    outbound.close()
  }
}

/** With a launcher and a folder of its own, so that neither the engine nor its store knows of it. Throws the refusal of a start that could not be. */
export async function openAlone(situation: Situation): Promise<Alone> {
  const state = stateOf(situation)
  const confinement = confinementFor('person', process.env, () => {})
  const home = await mkdtemp(join(tmpdir(), 'holdpoint-alone-'))
  const launcher = await connectLauncher({
    directory: join(home, 'launcher'),
    node: process.execPath,
    idleMs: 1000,
    confinement,
  })
  const clock = realClock()
  const all = kinds()
  const environment = process.env
  const vault = createSecretVault(environment)
  const outbound = createOutbound()
  const lent = () => Promise.resolve(environment)
  const shared = { launcher, environment: lent, clock, outbound, vault, isApart: confinement.user !== null }
  const metrics = createMetricSources({ ...shared, sources: all.sources, database: askDatabase })
  const runners = { ...shared, checks: all.checks, metric: metrics.metric, series: metrics.series }
  const movers = { ...shared, drivers: all.drivers }
  let attempts = 0
  const contextOf = (progress: (say: string) => void, signal: AbortSignal): EffectContext => {
    attempts += 1
    return { state, attempt: `alone-${process.pid}-${attempts}`, epoch: 1, signal, progress }
  }
  const probing = (): EffectContext => contextOf(() => {}, AbortSignal.timeout(PROBE_WITHIN_MS))

  return {
    async tryStep({ block }, progress) {
      const context = contextOf(progress, new AbortController().signal)
      if (block.word === 'check') {
        const result = await createCheckRunner(runners).run(block, context)
        return { ...result, captures: result.captures ?? {} }
      }
      if (block.word === 'run') return createCommandRunner(runners).run(block.command, 'action', context)
      return null
    },
    probeSource: (name) =>
      asked(async () => {
        const kind = situation.plan.sources[name]?.kind
        if (kind === undefined || !all.sources.has(kind)) return null
        const { source, powers } = metrics.open(name, probing())
        return source.probe(powers)
      }),
    ask: (one) => ('kind' in one ? askCheck(one, probing(), runners) : askAction(one, probing(), runners)),
    async probeComponent(component) {
      const reading = await asked(async () => {
        const context = probing()
        const driver = openDriver(component, context, movers)
        const read = await driver.read(
          trafficPowersOf(component, context, 'read', () => `${context.attempt}-read`, movers),
        )
        return { ok: read.kind === 'weight', say: read.say }
      })
      return reading ?? { ok: false, say: 'it says nothing' }
    },
    probeChannel: (name) =>
      asked(() => askChannel(name, probing(), { notifiers: all.notifiers, clock, outbound, vault, console: () => {} })),
    history: (request, signal) =>
      readHistory(
        request,
        contextOf(() => {}, signal),
        { clock, metrics, vault },
      ),
    async close() {
      outbound.close()
      await launcher.shutdownWhenIdle().catch(() => undefined)
      launcher.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Whatever goes wrong while asking is the answer. */
async function asked(question: () => Promise<Reachable | null>): Promise<Reachable | null> {
  try {
    return await question()
  } catch (fault) {
    return { ok: false, say: fault instanceof Error ? fault.message : String(fault) }
  }
}

/** The rules say no to such a start; `code` is the one that a refused start would have. */
class StartRefused extends Error {
  override name = 'StartRefused'
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/** The state of a release that has just begun, never stored. */
function stateOf({ plan, version, previous = null, environment, inputs, workspace }: Situation): ReleaseState {
  const now = Date.now()
  const actor = { id: 'try', kind: 'person', assurance: 'claimed' } as const
  const started = decide(
    null,
    {
      kind: 'StartRelease',
      release: 'try',
      plan,
      version,
      previous,
      environment,
      inputs,
      workspace,
      artefact: null,
      superseded: null,
      rehearsal: true,
    },
    { now, actor },
  )
  if (started.kind === 'refused') throw new StartRefused(started.reason, started.code)
  let state: ReleaseState | null = null
  for (const [index, event] of started.events.entries())
    state = evolve(state, { version: index + 1, at: now, by: actor, event })
  if (state === null) throw new Error('bug: a start without an event')
  return state
}
