/** The world outside the engine: a target that counts, a launcher that forgets, balancers, metrics that lie, channels that fail. */
import type { ArmSample, SampleBatch } from '../src/core/judge/verdict.ts'
import type { CheckResult } from '../src/core/ports/check.ts'
import type {
  AttemptResult,
  CheckRunner,
  CommandRunner,
  EffectContext,
  HistoryRequest,
  Messenger,
  Observer,
  TrafficMover,
} from '../src/core/ports/engine.ts'
import type { Launcher } from '../src/core/ports/launcher.ts'
import type { Reached } from '../src/core/ports/traffic.ts'
import type { CheckBlock, CommandSpec } from '../src/core/plan/plan.ts'
import type { Instant } from '../src/core/units.ts'
import type { VirtualClock } from './clock.ts'
import type { Behaviour } from './plans.ts'
import type { Rng } from './rng.ts'

export interface Weather {
  /** After this instant everything outside works. */
  readonly calmAt: Instant
  /** From when the canary of this world is bad; null = it is good. */
  readonly badFrom: Instant | null
  /** How often outside things misbehave before, 0 to 1. */
  readonly rough: number
}

interface Job {
  readonly attempt: string
  readonly behaviour: Behaviour
  readonly done: Promise<AttemptResult>
  isAlive: boolean
  stop: (ended: 'cancelled' | 'lost') => void
}

export class World {
  readonly clock: VirtualClock
  readonly weather: Weather
  /** When commands of an attempt were started: once each, or the target was hit twice. */
  readonly starts = new Map<string, readonly Instant[]>()
  /** The launcher was lost, so results may be. */
  launchersLost = 0
  /** Effects of actions that stand now, by release and step. */
  readonly applied = new Set<string>()
  readonly weights = new Map<string, { percent: number; epoch: number }>()
  readonly deliveries = new Map<string, number>()
  /** What arrived and when, by release and message. */
  readonly texts = new Map<string, readonly { readonly body: string; readonly at: Instant }[]>()
  /** What the target itself saw and no log can excuse. */
  readonly outrages: string[] = []
  readonly #rng: Rng
  readonly #pastRng: Rng
  #jobs = new Map<string, Job>()
  readonly #givenUp = new Set<string>()

  constructor(clock: VirtualClock, rng: Rng, weather: Weather) {
    this.clock = clock
    this.#rng = rng
    this.#pastRng = rng.branch()
    this.weather = weather
  }

  get isRough(): boolean {
    return this.clock.now() < this.weather.calmAt
  }

  mishap(probability: number): boolean {
    const happens = this.#rng.chance(probability * this.weather.rough)
    return this.isRough && happens
  }

  isApplied(release: string, step: string): boolean {
    return this.applied.has(`${release} ${step}`)
  }

  isRunning(attempt: string): boolean {
    return this.#jobs.get(attempt)?.isAlive === true
  }

  /** The launcher dies: what it ran dies with it, and so does what it knew. */
  loseLauncher(): void {
    this.launchersLost += 1
    for (const job of this.#jobs.values()) job.stop('lost')
    this.#jobs = new Map()
  }

  readonly launcher: Launcher = new Proxy({} as Launcher, {
    get: () => () => Promise.reject(new Error('bug: the engine reaches the launcher through its runners only')),
  })

  readonly commands: CommandRunner = {
    run: (command: CommandSpec, _purpose, context) => this.#run(JSON.parse(command.script) as Behaviour, context),
    attach: async (_purpose, { attempt }) => {
      await this.#delay(50)
      return this.#jobs.get(attempt)?.done ?? this.#giveUp(attempt)
    },
    cancel: async (attempt) => {
      await this.#delay(2_000)
      const job = this.#jobs.get(attempt)
      if (job) job.stop('cancelled')
      else this.#giveUp(attempt)
    },
    forget: async (attempt) => {
      if (this.#jobs.get(attempt)?.isAlive === false) this.#jobs.delete(attempt)
    },
    peek: async (attempt) => (this.#jobs.has(attempt) ? 'working' : ''),
  }

  readonly checks: CheckRunner = {
    run: async (check: CheckBlock, context): Promise<CheckResult> => {
      const behaviour = behaviourOf(check)
      if (check.kind === 'command') {
        const result = await this.#run(behaviour, context)
        return { ...result, outcome: result.outcome === 'unknown' ? 'errored' : result.outcome }
      }
      await this.#delay(behaviour.maxMs, context.signal)
      if (context.signal.aborted) return { outcome: 'errored', say: 'aborted', evidence: [] }
      const outcome = this.mishap(behaviour.fail)
        ? this.#rng.pick(['failed', 'inconclusive', 'errored'] as const)
        : 'passed'
      return { outcome, say: `answered ${outcome}`, evidence: [bytes(`${context.attempt} ${outcome}`)] }
    },
  }

  readonly traffic: TrafficMover = {
    shift: (component, percent, context) => this.#move(component.name, percent, context),
    restore: (component, context) => this.#move(component.name, 0, context),
  }

  readonly observer: Observer = {
    sample: async (request, { state, signal }): Promise<SampleBatch> => {
      await this.#delay(this.mishap(0.05) ? 60_000 : 1_000, signal)
      const weights = request.expected.map(({ component, weightPercent }) => {
        const percent = this.mishap(0.03) ? null : this.#weightOf(state.id, component.name)
        return {
          component: component.name,
          percent,
          ok: percent === weightPercent,
          say: `reads ${percent ?? 'nothing'}`,
        }
      })
      const samples = request.judge.metrics.map(({ name }) => ({
        metric: name,
        canary: this.#sample('canary', request.to),
        stable: this.#sample('stable', request.to),
      }))
      const checked = request.checks.map(({ name }) => ({
        metric: name,
        canary: this.#checked(request.to),
        stable: { kind: 'no-data', why: 'not asked' } as const,
      }))
      const { step, stage, from, to } = request
      return { step, stage, from, to, samples: [...samples, ...checked], weights }
    },
    history: (request, { signal }) => this.#past(request, signal),
    trigger: async () => {
      await this.#delay(500)
      if (this.mishap(0.15)) return { reading: 'blind', say: 'no answer' }
      const { badFrom } = this.weather
      const fires = badFrom !== null && this.clock.now() >= badFrom + 60_000
      return { reading: fires || this.mishap(0.02) ? 'firing' : 'quiet', say: 'complaints' }
    },
    capture: async () => {
      await this.#delay(500)
      return this.mishap(0.3)
        ? { noData: 'no answer' }
        : { value: this.mishap(0.2) ? Number.NaN : this.#rng.int(1, 90) }
    },
  }

  readonly messenger: Messenger = {
    send: async (message) => {
      await this.#delay(500)
      if (this.mishap(0.3)) return { ok: false, final: this.mishap(0.1), say: '503' }
      const key = `${message.release} ${message.id}`
      this.deliveries.set(key, (this.deliveries.get(key) ?? 0) + 1)
      this.texts.set(key, [...(this.texts.get(key) ?? []), { body: message.body, at: this.clock.now() }])
      return this.mishap(0.05)
        ? { ok: false, final: false, say: 'the answer was lost' }
        : { ok: true, final: false, say: '200' }
    },
  }

  async #delay(mostMs: number, signal?: AbortSignal): Promise<void> {
    await this.clock.sleep(this.#rng.int(1, Math.max(1, mostMs)), signal)
  }

  /** As the launcher promises: what it was asked about before it came never starts. */
  #giveUp(attempt: string): null {
    this.#givenUp.add(attempt)
    return null
  }

  #run(behaviour: Behaviour, { attempt, state }: EffectContext): Promise<AttemptResult> {
    const known = this.#jobs.get(attempt)
    if (known) return known.done
    if (this.#givenUp.has(attempt))
      return Promise.resolve(this.#result('failed', 'it comes too late', { notStarted: true }))
    this.starts.set(attempt, [...(this.starts.get(attempt) ?? []), this.clock.now()])
    this.#watchUndo(behaviour, attempt, state.id)
    const { promise, resolve } = Promise.withResolvers<AttemptResult>()
    const stopped = new AbortController()
    const job: Job = {
      attempt,
      behaviour,
      done: promise,
      isAlive: true,
      stop: (ended) => {
        if (!job.isAlive) return
        job.isAlive = false
        stopped.abort()
        // A command that is cut off may have had its effect or not.
        if (this.#rng.chance(0.5)) this.#take(behaviour, state.id)
        resolve(this.#result('unknown', `${ended} while it ran`, { lost: true }))
      },
    }
    this.#jobs.set(attempt, job)
    void this.#work(job, state.id, stopped.signal, resolve)
    return promise
  }

  /** Taking back while what is taken back still runs leaves nobody knows what. */
  #watchUndo({ act }: Behaviour, attempt: string, release: string): void {
    if (act !== 'undo') return
    for (const job of this.#jobs.values()) {
      const isForward = job.behaviour.act === 'apply' && job.attempt.startsWith(`${release}/`)
      if (job.isAlive && isForward) this.outrages.push(`${attempt} began while ${job.attempt} was alive`)
    }
  }

  async #work(job: Job, release: string, signal: AbortSignal, resolve: (result: AttemptResult) => void): Promise<void> {
    await this.#delay(job.behaviour.maxMs, signal)
    if (!job.isAlive) return
    job.isAlive = false
    resolve(this.#conclude(job.behaviour, release))
  }

  #conclude(behaviour: Behaviour, release: string): AttemptResult {
    if (behaviour.act === 'probe') {
      if (this.mishap(0.15)) return this.#result('errored', 'cannot tell', {})
      return this.isApplied(release, behaviour.step)
        ? this.#result('passed', 'it took effect', {})
        : this.#result('failed', 'it did not take effect', {})
    }
    const fails = this.mishap(behaviour.fail)
    if (!fails || this.#rng.chance(0.5)) this.#take(behaviour, release)
    if (this.mishap(behaviour.lose))
      return this.#result(behaviour.act === 'read' ? 'errored' : 'unknown', 'its result was lost', { lost: true })
    return fails ? this.#result('failed', 'exit 1', {}) : this.#result('passed', 'exit 0', {})
  }

  #take({ act, step }: Behaviour, release: string): void {
    if (act === 'apply') this.applied.add(`${release} ${step}`)
    if (act === 'undo') this.applied.delete(`${release} ${step}`)
  }

  #result(outcome: AttemptResult['outcome'], say: string, facts: AttemptResult['facts']): AttemptResult {
    return { outcome, say, evidence: [bytes(say)], captures: {}, facts, observedAt: this.clock.now() }
  }

  /** A balancer keeps the highest epoch it has seen and refuses smaller ones. What was sent lands even if nobody waits for it. */
  async #move(component: string, percent: number, { state, epoch, signal }: EffectContext): Promise<Reached> {
    await this.#delay(this.mishap(0.15) ? this.#rng.pick([10_000, 90_000]) : 2_000)
    if (signal.aborted && this.#rng.chance(0.5)) return { kind: 'cannot-tell', percent: null, say: 'aborted' }
    if (this.mishap(0.15)) return { kind: 'cannot-tell', percent: null, say: 'connection refused' }
    const key = `${state.id} ${component}`
    const now = this.weights.get(key)
    if (now && epoch < now.epoch)
      return { kind: 'cannot-tell', percent: null, say: `epoch ${epoch} is older than ${now.epoch}` }
    this.weights.set(key, { percent, epoch })
    await this.#delay(1_000)
    if (this.mishap(0.1)) return { kind: 'pending', percent: null, say: 'not there yet' }
    return { kind: 'reached', percent, say: `${percent} % read back` }
  }

  #weightOf(release: string, component: string): number {
    return this.weights.get(`${release} ${component}`)?.percent ?? 0
  }

  /** A check sampled in a watch is a gauge: 0 passed, 1 failed. */
  #checked(to: Instant): ArmSample {
    if (this.mishap(0.1)) return { kind: 'no-data', why: 'no answer' }
    const { badFrom } = this.weather
    return { kind: 'gauge', value: badFrom !== null && to >= badFrom ? 1 : 0 }
  }

  /** Some sources keep no past, some are slow with it, and some have a part of it. */
  async #past({ judge, step, stage, endsAt, forMs }: HistoryRequest, signal: AbortSignal): Promise<SampleBatch[]> {
    const rng = this.#pastRng
    await this.clock.sleep(rng.chance(0.15) ? 60_000 : rng.int(1, 3_000), signal)
    const none = (why: string): ArmSample => ({ kind: 'no-data', why })
    const batch = (to: Instant, arm: () => ArmSample): SampleBatch => {
      const samples = judge.metrics.map(({ name }) => ({ metric: name, canary: arm(), stable: arm() }))
      return { step, stage, history: true, from: to - judge.everyMs, to, samples, weights: [] }
    }
    if (rng.chance(0.3)) return [batch(endsAt, () => none('keeps no past'))]
    const ends = Array.from({ length: Math.floor(forMs / judge.everyMs) }, (_, i) => endsAt - i * judge.everyMs)
    const counts = (): ArmSample => ({ kind: 'ratio', bad: rng.chance(0.2) ? 1 : 0, total: rng.int(50, 150) })
    return ends.toReversed().flatMap((to) => (rng.chance(0.1) ? [] : [batch(to, counts)]))
  }

  #sample(arm: 'canary' | 'stable', to: Instant): ArmSample {
    if (this.mishap(0.08)) return { kind: 'no-data', why: 'empty answer' }
    if (this.mishap(0.04)) return { kind: 'ratio', bad: Number.NaN, total: 100 }
    const { badFrom } = this.weather
    const isBad = arm === 'canary' && badFrom !== null && to >= badFrom
    const total = this.mishap(0.05) ? 1 : 200
    return { kind: 'ratio', bad: isBad ? total * 0.1 : this.mishap(0.03) ? total * 0.015 : 0, total }
  }
}

function behaviourOf({ config: { script } }: CheckBlock): Behaviour {
  return JSON.parse(typeof script === 'string' ? script : '{}') as Behaviour
}

function bytes(text: string) {
  return { name: 'output', mediaType: 'text/plain', bytes: new TextEncoder().encode(text) }
}
