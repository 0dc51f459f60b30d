/** An engine over the memory store with a false clock and a world that does as the test says. */
import { canaryJudge } from '../core/judge/policies.ts'
import type { SampleBatch } from '../core/judge/verdict.ts'
import type { CheckResult } from '../core/ports/check.ts'
import type { AttemptResult, EffectContext, EnginePorts, HistoryRequest } from '../core/ports/engine.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Reached } from '../core/ports/traffic.ts'
import type { Launcher } from '../core/ports/launcher.ts'
import type { Store } from '../core/ports/store.ts'
import type { Actor } from '../core/release/events.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { Instant } from '../core/units.ts'
import { MemoryStore } from '../store/memory.ts'
import { createEngine } from './engine.ts'
import type { EngineOptions } from './options.ts'
import type { EngineService, StartRequest } from './service.ts'

export const ana: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }
export const ben: Actor = { id: 'ben', kind: 'person', assurance: 'claimed' }

/** Time that stands still until the test lets it pass. */
export class FalseClock implements Clock {
  #now: Instant
  #sleepers: { at: Instant; wake: () => void }[] = []

  constructor(now: Instant) {
    this.#now = now
  }

  now(): Instant {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const sleeper = { at: this.#now + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper)
        resolve()
      })
    })
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settled()
      const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.#sleepers = this.#sleepers.filter((each) => each !== next)
      this.#now = next.at
      next.wake()
    }
    this.#now = end
    await settled()
  }
}

/** Lets everything run that needs no time. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export class World {
  readonly started: string[] = []
  readonly cancelled: string[] = []
  readonly attached: string[] = []
  readonly moved: string[] = []
  readonly looks: string[] = []
  /** What every interval answers. */
  samples: SampleBatch['samples'] = []
  readonly lookedBack: HistoryRequest[] = []
  history: (request: HistoryRequest) => Promise<readonly SampleBatch[]> = async () => []
  reading: 'quiet' | 'firing' | 'blind' = 'quiet'
  check: (context: EffectContext) => Promise<CheckResult> = async () => ({
    outcome: 'passed',
    say: 'fine',
    evidence: [],
  })
  run: (context: EffectContext) => Promise<AttemptResult> = async (context) => this.result('passed', context)
  attach: (attempt: string) => Promise<AttemptResult | null> = async () => null
  shift: (percent: number, context: EffectContext) => Promise<void | Partial<Reached>> = async () => {}
  /** Of each shift and restore. */
  readonly movedUnder: number[] = []
  readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  result(outcome: AttemptResult['outcome'], { attempt }: EffectContext): AttemptResult {
    return {
      outcome,
      say: `${attempt} ${outcome}`,
      evidence: [],
      captures: {},
      facts: {},
      observedAt: this.clock.now(),
    }
  }

  ports(store: Store): EnginePorts {
    return {
      store,
      clock: this.clock,
      launcher: {} as Launcher,
      judge: canaryJudge,
      checks: { run: (_check, context) => (this.started.push(context.attempt), this.check(context)) },
      commands: {
        run: (_command, _purpose, context) => (this.started.push(context.attempt), this.run(context)),
        attach: (_purpose, { attempt }) => (this.attached.push(attempt), this.attach(attempt)),
        cancel: async (attempt) => void this.cancelled.push(attempt),
        forget: async () => {},
        peek: async () => 'one line\nlast line\n',
      },
      observer: {
        sample: async ({ step, stage, from, to }) => ({ step, stage, from, to, samples: this.samples, weights: [] }),
        history: (asked) => (this.lookedBack.push(asked), this.history(asked)),
        trigger: async (_trigger, { attempt }) => {
          this.looks.push(attempt)
          return { reading: this.reading, say: this.reading }
        },
        capture: async () => ({ noData: 'nobody answers' }),
      },
      traffic: {
        shift: async (component, percent, context) => {
          this.movedUnder.push(context.epoch)
          const more = await this.shift(percent, context)
          this.moved.push(`${component.name} ${percent}`)
          return { kind: 'reached', percent, say: 'read back', ...more }
        },
        restore: async (component, { epoch }) => {
          this.movedUnder.push(epoch)
          this.moved.push(`${component.name} back`)
          return { kind: 'reached', percent: 0, say: 'read back' }
        },
      },
      messenger: { send: async () => ({ ok: true, final: true, say: '200' }) },
    }
  }
}

export interface Scene {
  readonly clock: FalseClock
  readonly store: MemoryStore
  readonly world: World
  readonly faults: unknown[]
  readonly engine: (owner?: string, store?: Store, more?: Partial<EngineOptions>) => EngineService
}

export function scene(): Scene {
  const clock = new FalseClock(1_700_000_000_000)
  const store = new MemoryStore()
  const world = new World(clock)
  const faults: unknown[] = []
  let suffix = 0
  const ids = { suffix: () => `r${(suffix += 1)}` }
  const engine = (owner = 'one', over: Store = store, more: Partial<EngineOptions> = {}) =>
    createEngine(world.ports(over), { owner, ids, jobs: 2, ...more, onFault: (_where, error) => faults.push(error) })
  return { clock, store, world, faults, engine }
}

export function request(plan: Plan, more: Partial<StartRequest> = {}): StartRequest {
  return {
    plan,
    version: '1.0.0',
    environment: 'production',
    inputs: {},
    workspace: { root: '/', commit: null, dirty: false },
    artefact: null,
    rehearsal: false,
    supersede: false,
    previous: null,
    idempotencyKey: null,
    ...more,
  }
}

export async function start(engine: EngineService, plan: Plan, more: Partial<StartRequest> = {}): Promise<string> {
  const started = await engine.start(request(plan, more), ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  return started.release
}

/** A store as an engine sees it that can die: afterwards nothing it asks is ever answered. */
export function mortal(store: MemoryStore): { readonly store: Store; die(): void } {
  let isDead = false
  const proxy = new Proxy<Store>(store, {
    get: (_target, name) => {
      const value: unknown = Reflect.get(store, name)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => (isDead ? new Promise(() => {}) : (Reflect.apply(value, store, given) as unknown))
    },
  })
  return { store: proxy, die: () => (isDead = true) }
}
