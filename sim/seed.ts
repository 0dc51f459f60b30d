/** One seed: a world, its weather, one to three releases, engines that come and go, and people. The same seed gives the same history. */
import { canaryJudge } from '../src/core/judge/policies.ts'
import type { EnginePorts } from '../src/core/ports/engine.ts'
import { StoreFault, type StoredEvent } from '../src/core/ports/store.ts'
import type { SampleBatch } from '../src/core/judge/verdict.ts'
import type { ReleaseEvent } from '../src/core/release/events.ts'
import type { StepPlan } from '../src/core/plan/plan.ts'
import { isOpen } from '../src/core/release/standing.ts'
import type { ReleaseState } from '../src/core/release/state.ts'
import { targetStream } from '../src/core/target/target.ts'
import type { Instant, Json } from '../src/core/units.ts'
import { createEngine } from '../src/engine/engine.ts'
import type { EngineService, StartRequest } from '../src/engine/service.ts'
import { MemoryStore } from '../src/store/memory.ts'
import { settle, VirtualClock } from './clock.ts'
import { Incarnation, noTrouble, type Trouble } from './incarnation.ts'
import { checkHistory } from './invariants.ts'
import { eventfulDeed, eventfulDeeds, eventfulForbidden } from './eventful-deeds.ts'
import { eventfulPlan, manager } from './eventful-plans.ts'
import { deedsFor, forbiddenDeeds, person, randomDeed, type Deed } from './people.ts'
import { randomPlan } from './plans.ts'
import { Rng } from './rng.ts'
import { World } from './world.ts'

const epochStart = Date.UTC(2026, 0, 5, 9)
/** Virtual time after which everything works and people do their part. */
const patienceMs = 20 * 60_000
const limitMs = 3_600_000

const worstMoments: readonly ReleaseEvent['kind'][] = [
  'AttemptStarted',
  'AttemptStarted',
  'AttemptFinished',
  'StageEntered',
  'ShiftStarted',
  'ShiftStarted',
  'ShiftVerified',
  'SoakStarted',
  'VerdictReached',
  'RolloutFinished',
  'RollbackStarted',
  'TrafficRestoreStarted',
  'ReleaseValidating',
]

interface Alive {
  readonly life: Incarnation
  readonly engine: EngineService
}

export interface Outcome {
  readonly seed: number
  /** Broken promises in words; empty = the seed holds. */
  readonly broken: readonly string[]
  readonly releases: readonly { readonly id: string; readonly phase: string; readonly events: number }[]
  readonly log: readonly StoredEvent<ReleaseEvent>[]
  readonly crashes: number
}

export async function runSeed(seed: number): Promise<Outcome> {
  const run = new Run(seed)
  return run.toTheEnd()
}

class Run {
  readonly #seed: number
  readonly #rng: Rng
  readonly #clock = new VirtualClock(epochStart)
  readonly #store = new MemoryStore()
  readonly #world: World
  readonly #peopleRng: Rng
  readonly #faultRng: Rng
  readonly #trouble: Trouble
  readonly #releases: string[] = []
  readonly #broken: string[] = []
  readonly #isAbortive: boolean
  /** By number and not by chance: the histories of all other seeds stay what they were. */
  readonly #isCrowded: boolean
  /** Several environments, a lock that services share, and starts that stand in line. */
  readonly #isInLine: boolean
  /** Windows, planned starts, incidents, hand-overs and drafts. */
  readonly #isEventful: boolean
  /** Releases that nothing but an abort at the end of all patience brought to their end. */
  readonly #forced = new Set<string>()
  #alive: Alive[] = []
  #lives = 0
  #crashes = 0
  #freezes = 0
  #isOver = false
  readonly #ending = new AbortController()
  #startsLeft: number

  constructor(seed: number) {
    this.#seed = seed
    const rng = new Rng(seed)
    this.#rng = rng
    this.#peopleRng = rng.fork()
    this.#faultRng = rng.fork()
    const rough = rng.pick([0, 0.5, 1, 1])
    const calmAt = epochStart + rng.int(2, 12) * 60_000
    this.#world = new World(this.#clock, rng.fork(), {
      calmAt,
      badFrom: rng.chance(0.3) ? epochStart + rng.int(0, 600) * 1000 : null,
      rough,
    })
    this.#trouble = rng.chance(0.4) ? { storeFault: 0.02, storeFaultAfter: 0.01, slowStore: 0.02 } : noTrouble
    this.#isAbortive = rng.chance(0.3)
    this.#isCrowded = seed % 8 === 5
    this.#isInLine = seed % 8 === 1
    this.#isEventful = seed % 8 === 4
    this.#startsLeft = rng.pick([1, 1, 1, 2, 3]) + (this.#isInLine ? 2 : 0)
  }

  async toTheEnd(): Promise<Outcome> {
    this.#launch()
    void this.#starter()
    void this.#diligence()
    void this.#mischief()
    void this.#vanity()
    void this.#disasters()
    if (this.#rng.chance(0.5) || this.#isCrowded) void this.#moments()
    await this.#turnTheWorld()
    this.#ending.abort()
    const log = await this.#wholeLog()
    const states = await this.#lastStates()
    this.#broken.push(...this.#forced)
    if (this.#broken.length === 0)
      this.#broken.push(
        ...checkHistory(log, this.#world, {
          states,
          batches: await this.#batches(states),
          isSmooth: this.#crashes === 0 && this.#freezes === 0 && this.#lives === 1 && this.#trouble === noTrouble,
        }),
      )
    await settle()
    return {
      seed: this.#seed,
      broken: this.#broken,
      releases: states.map(({ id, phase, version }) => ({ id, phase, events: version })),
      log,
      crashes: this.#crashes,
    }
  }

  async #turnTheWorld(): Promise<void> {
    const end = this.#world.weather.calmAt + patienceMs + limitMs
    while (!this.#isOver && this.#broken.length === 0) {
      await settle()
      if (this.#isOver) return
      if (!this.#clock.advance()) return void this.#broken.push('everybody waits for ever')
      if (this.#clock.now() > end) return void this.#broken.push(`a release has not ended: ${await this.#standings()}`)
    }
  }

  async #standings(): Promise<string> {
    const states = await this.#lastStates()
    return states
      .filter(isOpen)
      .map((state) => `${state.id} ${state.phase} ${JSON.stringify(state.hold ?? state.asked ?? '')}`)
      .join('; ')
  }

  #launch(): Alive {
    const name = `engine-${(this.#lives += 1)}`
    const life: Incarnation = new Incarnation(
      name,
      this.#clock,
      this.#faultRng.fork(),
      () => (this.#world.isRough ? this.#trouble : noTrouble),
      () => {
        this.#crashes += 1
        this.#alive = this.#alive.filter((each) => each.life !== life)
      },
    )
    const world = this.#world
    const ports: EnginePorts = {
      store: life.fenceStore(this.#store),
      clock: life.clock(),
      launcher: world.launcher,
      judge: canaryJudge,
      checks: life.fence(world.checks),
      commands: life.fence(world.commands),
      observer: life.fence(world.observer),
      traffic: life.fence(world.traffic),
      messenger: life.fence(world.messenger),
    }
    const ids = { suffix: () => `r${this.#rng.int(0, 1_000_000).toString(36)}` }
    const engine = createEngine(ports, {
      owner: name,
      ids,
      jobs: this.#rng.int(1, 3),
      leaseMs: 30_000,
      claimEveryMs: 10_000,
      admit: async ({ by }, kept) => ({ kind: 'admitted', request: kept as unknown as StartRequest, actor: by }),
      onFault: (where, error) => this.#fault(where, error),
    })
    const alive = { life, engine }
    this.#alive.push(alive)
    engine.attend().catch((error: unknown) => this.#fault('attend', error))
    return alive
  }

  /** Faults we injected are expected; everything else that an engine did not expect is a bug of ours. */
  #fault(where: string, error: unknown): void {
    if (error instanceof StoreFault) return
    this.#broken.push(`${where}: ${error instanceof Error ? error.stack : String(error)}`)
  }

  async #starter(): Promise<void> {
    const rng = this.#rng.fork()
    for (let attempt = 0; this.#startsLeft > 0 && attempt < 40; attempt += 1) {
      const places = this.#isInLine ? rng.branch() : null
      const service = rng.pick(['shop', 'shop', 'mail'])
      const events = this.#isEventful ? rng.branch() : null
      const plan = randomPlan(rng.fork(), service, { crowded: this.#isCrowded, places })
      const request: StartRequest = {
        plan: events === null ? plan : eventfulPlan(plan, events, this.#clock.now()),
        version: `1.${attempt}.0`,
        environment: places?.chance(0.4) === true ? 'staging' : 'production',
        inputs: {},
        workspace: { root: '/', commit: null, dirty: false },
        artefact: null,
        rehearsal: rng.chance(0.05),
        supersede: rng.chance(0.7),
        previous: '1.0.0-before',
        idempotencyKey: rng.chance(0.3) ? `key-${attempt}` : null,
        ...(events !== null && exceptions(events, this.#clock.now())),
      }
      const kept = JSON.parse(JSON.stringify(request)) as Json
      const queue = { until: places?.chance(0.2) === true ? this.#clock.now() + 600_000 : null, kept }
      const who = events === null ? 'ana' : events.pick(['ana', 'ana', 'eve'])
      await this.#start(places?.chance(0.7) === true ? { ...request, queue } : request, rng.chance(0.2), who)
      if (this.#startsLeft > 0) await this.#clock.sleep(rng.int(5, 180) * 1000)
    }
    this.#startsLeft = 0
  }

  async #start(request: StartRequest, twice: boolean, who: string): Promise<void> {
    const engine = this.#anyEngine()
    if (!engine) return
    const tries = Array.from({ length: twice && request.idempotencyKey !== null ? 2 : 1 }, () =>
      engine.start(request, person(who)),
    )
    // An engine that dies in between never answers: nobody waits for it longer than this.
    const answers = await Promise.race([Promise.allSettled(tries), this.#clock.sleep(60_000).then(() => [])])
    const started = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value.kind !== 'refused' ? [answer.value.release] : [],
    )
    if (new Set(started).size > 1) this.#broken.push(`one idempotency key started ${started.join(' and ')}`)
    for (const answer of answers) if (answer.status === 'rejected') this.#fault('start', answer.reason)
    this.#startsLeft -= new Set(started).size
    for (const release of new Set(started)) if (!this.#releases.includes(release)) this.#releases.push(release)
  }

  #anyEngine(): EngineService | null {
    return this.#alive.length === 0 ? null : this.#peopleRng.pick(this.#alive).engine
  }

  /** Looks again and again at every release and does what it waits for: now and then while the weather is rough, at once when it is calm. */
  async #diligence(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(this.#world.isRough ? this.#peopleRng.int(3, 40) * 1000 : 5_000)
      const open = (await this.#lastStates()).filter(isOpen)
      const mayEnd = !this.#world.isRough && this.#startsLeft === 0
      if (mayEnd && open.length === 0 && !(await this.#hasLine())) {
        this.#isOver = true
        return
      }
      for (const state of open) this.#help(state)
    }
  }

  async #hasLine(): Promise<boolean> {
    const streams = ['shop', 'mail'].flatMap((service) =>
      ['production', 'staging'].map((at) => targetStream(service, at)),
    )
    const targets = await Promise.all(streams.map((stream) => this.#reader().target(stream)))
    return this.#isInLine && targets.some(({ line }) => line.length > 0)
  }

  #help(state: ReleaseState): void {
    const isLate = this.#clock.now() > Math.max(this.#world.weather.calmAt, state.startedAt) + patienceMs
    if (isLate && state.phase !== 'rolling-back' && state.phase !== 'rollback-failed') {
      this.#forced.add(`${state.id} came to a standstill although everybody did their part: ${standstill(state)}`)
      return this.#do(
        { who: person('ana'), ask: { kind: 'Abort', why: 'it takes too long', leave: false, typed: null } },
        state,
      )
    }
    const deeds = [...deedsFor(state, this.#world), ...(this.#isEventful ? eventfulDeeds(state) : [])]
    if (deeds.length === 0) return
    const chosen = this.#world.isRough ? [this.#peopleRng.pick(deeds)] : deeds
    for (const deed of chosen) this.#do(deed, state)
  }

  async #mischief(): Promise<void> {
    const rng = this.#peopleRng
    for (;;) {
      await this.#clock.sleep(rng.int(1, 40) * 1000)
      if (!this.#world.isRough) return
      const states = (await this.#lastStates()).filter((state) => isOpen(state) || rng.chance(0.1))
      if (states.length === 0) continue
      const state = rng.pick(states)
      const deed =
        this.#isEventful && rng.chance(0.6)
          ? eventfulDeed(rng, state)
          : randomDeed(rng, state, this.#isAbortive && rng.chance(0.3))
      for (let clicks = rng.chance(0.2) ? 2 : 1; clicks > 0; clicks -= 1) this.#do(deed, state)
    }
  }

  /** Whoever started a release tries to sign it themselves; and others try what nobody may. */
  async #vanity(): Promise<void> {
    while (!this.#isOver) {
      await this.#clock.sleep(11_000)
      const engine = this.#alive[0]?.engine
      if (!engine) continue
      for (const state of (await this.#lastStates()).filter(isOpen)) {
        if (this.#isEventful) this.#tryInVain(engine, state)
        for (const { who, ask } of forbiddenDeeds(state))
          engine.ask(state.id, ask, who, null).catch((error: unknown) => this.#fault(`ask ${ask.kind}`, error))
      }
    }
  }

  #tryInVain(engine: EngineService, state: ReleaseState): void {
    for (const { who, ask } of eventfulForbidden(state))
      engine.ask(state.id, ask, who, null).then(
        ({ kind }) => {
          if (kind === 'accepted') this.#broken.push(`${state.id}: ${JSON.stringify(ask)} of ${who.id} was accepted`)
        },
        (error: unknown) => this.#fault(`ask ${ask.kind}`, error),
      )
  }

  #do(
    { who, ask }: Deed,
    state: ReleaseState,
    seen = this.#peopleRng.pick([null, state.version, Math.max(1, state.version - 3)]),
  ): void {
    const engine = this.#anyEngine()
    if (!engine) return
    engine.ask(state.id, ask, who, seen).then(
      (decision) => this.#checkAnswer(ask.kind, state.id, decision),
      (error: unknown) => this.#fault(`ask ${ask.kind}`, error),
    )
  }

  /** Abort beats everything: while a release has not ended it is only ever refused because the release goes back already. */
  #checkAnswer(kind: string, release: string, decision: { kind: string; code?: string }): void {
    if (kind !== 'Abort' || decision.kind !== 'refused') return
    if (
      ['already-rolling-back', 'ended', 'typed-confirmation', 'reason-required', 'already-signed'].includes(
        decision.code ?? '',
      )
    )
      return
    this.#broken.push(`abort of ${release} was refused: ${decision.code}`)
  }

  async #disasters(): Promise<void> {
    const rng = this.#faultRng
    const kinds = rng.chance(0.25)
      ? []
      : ['crash', 'crash', 'crash-at-append', 'crash-at-append', 'freeze', 'second', 'launcher', 'both']
    while (kinds.length > 0) {
      await this.#clock.sleep(rng.int(1, 100) * 1000)
      if (!this.#world.isRough) break
      this.#strike(rng.pick(kinds), rng)
    }
    for (;;) {
      if (this.#alive.length === 0) this.#launch()
      await this.#clock.sleep(20_000)
    }
  }

  #strike(kind: string, rng: Rng): void {
    const victim = this.#alive.length > 0 ? rng.pick(this.#alive) : null
    if (kind === 'launcher' || kind === 'both') this.#world.loseLauncher()
    if (kind === 'crash' || kind === 'both') victim?.life.kill()
    if (kind === 'crash-at-append') victim?.life.killAfterAppends(rng.int(1, 6))
    if (kind === 'freeze' && victim) {
      this.#freezes += 1
      victim.life.freeze(rng.int(10, 120) * 1000)
      if (this.#alive.length < 2) this.#launch()
    }
    if (kind === 'second' && this.#alive.length < 2) this.#launch()
    if (this.#alive.length === 0) void this.#clock.sleep(rng.int(1, 90) * 1000).then(() => this.#launch())
  }

  /** The worst moments: right after an event of one kind someone turns back, or something breaks. */
  async #moments(): Promise<void> {
    const rng = this.#faultRng.fork()
    const kind = this.#isCrowded ? 'AttemptFinished' : rng.pick(worstMoments)
    let left = rng.int(1, 3)
    let position = 0
    for (;;) {
      const events = (await this.#store.tail(position, 1000)) as readonly StoredEvent<ReleaseEvent>[]
      position = events.at(-1)?.position ?? position
      for (const { event, stream } of events) {
        if (event.kind !== kind || !this.#world.isRough || (left -= 1) !== 0) continue
        await this.#clock.sleep(rng.pick([1, 1, 200, 3_000]))
        await this.#makeWorse(stream.slice('release/'.length), rng)
      }
      if (events.length === 0) await this.#store.changed(position, this.#ending.signal)
      if (this.#ending.signal.aborted) return
    }
  }

  async #makeWorse(release: string, rng: Rng): Promise<void> {
    const what = rng.pick(['back', 'back', 'freeze', 'crash', 'freeze and back'])
    if (what.startsWith('freeze')) this.#strike('freeze', rng)
    if (what === 'crash') this.#strike('crash', rng)
    const state = await this.#reader().state(release)
    if (!what.endsWith('back') || !state) return
    const ask = rng.chance(0.5)
      ? ({ kind: 'Abort', why: 'at the worst moment', leave: false, typed: null } as const)
      : ({ kind: 'Rollback', why: 'at the worst moment' } as const)
    this.#do({ who: person('ana'), ask }, state, null)
  }

  async #batches(states: readonly ReleaseState[]): Promise<ReadonlyMap<string, readonly SampleBatch[]>> {
    const all = new Map<string, readonly SampleBatch[]>()
    for (const { id, plan } of states) {
      const watched = plan.steps.flatMap((step) => observedStages(step).map((stage) => ({ step: step.id, stage })))
      const found = await Promise.all(watched.map(({ step, stage }) => this.#store.batches(id, step, stage)))
      all.set(id, found.flat())
    }
    return all
  }

  async #wholeLog(): Promise<readonly StoredEvent<ReleaseEvent>[]> {
    return (await this.#store.tail(0, Number.MAX_SAFE_INTEGER)) as readonly StoredEvent<ReleaseEvent>[]
  }

  /** As an engine would see them that starts now; live engines must agree, which the invariants check. */
  async #lastStates(): Promise<readonly ReleaseState[]> {
    const summaries = await this.#store.summaries()
    const states = await Promise.all(summaries.map(({ id }) => this.#reader().state(id)))
    return states.flatMap((state) => state ?? [])
  }

  #readerEngine: EngineService | null = null
  #reader(): EngineService {
    const { launcher, checks, commands, observer, traffic, messenger } = this.#world
    this.#readerEngine ??= createEngine(
      {
        store: this.#store,
        clock: this.#clock,
        launcher,
        judge: canaryJudge,
        checks,
        commands,
        observer,
        traffic,
        messenger,
      },
      { owner: 'reader', ids: { suffix: () => 'x' }, jobs: 1 },
    )
    return this.#readerEngine
  }
}

/** A planned start, an override of windows from the beginning, or a start that comes too late for its lead times. */
function exceptions(rng: Rng, now: Instant): Partial<StartRequest> {
  return {
    ...(rng.chance(0.4) && { plannedAt: now + rng.int(1, 6) * 60_000 }),
    ...(rng.chance(0.2) && { override: { role: manager, reason: 'customers wait' } }),
    ...(rng.chance(0.7) && { lateWhy: 'the fix cannot wait' }),
  }
}

function observedStages({ block }: StepPlan): readonly (number | null)[] {
  if (block.word === 'rollout') return block.stages.map((_stage, index) => index)
  return block.word === 'watch' ? [null] : []
}

/** What stands open, for whoever has to find out why nothing moves. */
function standstill(state: ReleaseState): string {
  const open = [...state.steps.values()]
    .filter((step) => step.closed === null)
    .map((step) => `${step.id} ${step.reachedAt === null ? 'not reached' : (step.blocked ?? step.reopened ?? 'open')}`)
  const rollouts = [...state.rollouts.values()].map((rollout) => `stage ${rollout.stage} ${rollout.doing}`)
  return [state.phase, ...rollouts, ...open, JSON.stringify(state.hold ?? state.asked)].join(', ')
}
