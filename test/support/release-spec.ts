/** Given events, when a command, then events or a refusal: how tests speak about a release. */
import { expect } from 'vitest'
import type { Decision, Facts, ReleaseCommand } from '../../src/core/release/commands.ts'
import { decide } from '../../src/core/release/decide.ts'
import { due, wakeAt } from '../../src/core/release/due.ts'
import type { Actor, Outcome, Purpose, Recorded, ReleaseEvent } from '../../src/core/release/events.ts'
import { evolve } from '../../src/core/release/evolve.ts'
import type { Effect } from '../../src/core/release/effects.ts'
import type { ReleaseState } from '../../src/core/release/state.ts'
import type { Plan } from '../../src/core/plan/plan.ts'
import type { Verdict, Zone } from '../../src/core/judge/verdict.ts'

export const person = (id: string, more: Partial<Actor> = {}): Actor => ({
  id,
  kind: 'person',
  assurance: 'claimed',
  ...more,
})
export const engine: Actor = { id: 'engine', kind: 'engine', assurance: 'engine' }

export const verdict = (zone: Zone, why: Verdict['why'], at: number, say = `${zone} ${why}`): Verdict => ({
  zone,
  why,
  say,
  rule: null,
  metrics: [],
  since: at,
  upTo: at,
})

/** A release under test: a clock that only it moves, and the commands people and the engine would send. */
export class ReleaseSpec {
  state: ReleaseState | null = null
  now = 1_000_000
  readonly log: ReleaseEvent[] = []
  /** The same with who and when, as a store would give it back. */
  readonly recorded: Recorded[] = []

  send(command: ReleaseCommand, actor: Actor = engine): Decision {
    const facts: Facts = { now: this.now, actor }
    const decision = decide(this.state, command, facts)
    if (decision.kind === 'refused') return decision
    for (const event of decision.events) {
      this.log.push(event)
      const recorded = { version: (this.state?.version ?? 0) + 1, at: this.now, by: actor, event }
      this.recorded.push(recorded)
      this.state = evolve(this.state, recorded)
    }
    return decision
  }

  /** Sends and expects acceptance. */
  do(command: ReleaseCommand, actor: Actor = engine): this {
    const decision = this.send(command, actor)
    if (decision.kind === 'refused') throw new Error(`refused ${command.kind}: ${decision.code}: ${decision.reason}`)
    return this
  }

  refused(command: ReleaseCommand, actor: Actor, code: string): this {
    const decision = this.send(command, actor)
    expect(decision.kind === 'refused' ? decision.code : 'accepted').toBe(code)
    return this
  }

  start(
    plan: Plan,
    more: Partial<Extract<ReleaseCommand, { kind: 'StartRelease' }>> = {},
    actor = person('ana'),
  ): this {
    return this.do(
      {
        kind: 'StartRelease',
        release: 'r1',
        plan,
        version: '2.0',
        previous: '1.0',
        environment: 'production',
        inputs: {},
        workspace: { root: '/w', commit: 'abc', dirty: false },
        artefact: null,
        superseded: null,
        rehearsal: false,
        ...more,
      },
      actor,
    )
  }

  get current(): ReleaseState {
    if (!this.state) throw new Error('not started')
    return this.state
  }

  due(): readonly Effect[] {
    return due(this.current, this.now)
  }

  owes(): string[] {
    return this.due()
      .filter((effect) => effect.kind !== 'SendMessage')
      .map((effect) => effect.key)
  }

  wakeAt(): number | undefined {
    return wakeAt(this.current, this.now)
  }

  /** Time passes; automatic transitions that are due by then happen. */
  pass(ms: number): this {
    const end = this.now + ms
    for (let wake = this.wakeAt(); wake !== undefined && wake <= end; wake = this.wakeAt()) {
      this.now = wake
      this.tick()
    }
    this.now = end
    return this.tick()
  }

  tick(): this {
    if (this.due().some((effect) => effect.kind === 'Tick')) {
      const before = this.log.length
      this.do({ kind: 'Tick' })
      expect(this.log.length, 'a tick that is due changes something').toBeGreaterThan(before)
    }
    return this
  }

  attempt(
    step: string,
    purpose: Purpose,
    outcome: Outcome,
    more: { say?: string; captures?: Record<string, string>; facts?: Record<string, boolean> } = {},
  ): this {
    this.do({ kind: 'BeginAttempt', step, purpose, epoch: 1 })
    return this.finish(step, outcome, more)
  }

  finish(
    step: string,
    outcome: Outcome,
    more: { say?: string; captures?: Record<string, string>; facts?: Record<string, boolean> } = {},
  ): this {
    const attempt = this.current.steps.get(step)!.attempts.findLast((each) => each.outcome === null)!.id
    return this.do({
      kind: 'FinishAttempt',
      step,
      attempt,
      outcome,
      say: more.say ?? outcome,
      evidence: [],
      captures: more.captures ?? {},
      facts: more.facts ?? {},
      observedAt: this.now,
    })
  }

  shift(rollout: string, component: string, ok = true): this {
    this.do({ kind: 'BeginShift', rollout, component, epoch: 1 })
    const live = this.current.rollouts.get(rollout)!.components.get(component)!.live!
    return this.do({
      kind: 'FinishShift',
      rollout,
      component,
      attempt: live.attempt,
      ok,
      weightPercent: ok ? live.weightPercent : null,
      say: ok ? 'reached' : 'refused',
    })
  }

  restore(rollout: string, component: string, ok = true): this {
    this.do({ kind: 'BeginRestore', rollout, component, epoch: 1 })
    const live = this.current.rollouts.get(rollout)!.components.get(component)!.live!
    return this.do({ kind: 'FinishRestore', component, attempt: live.attempt, ok, say: ok ? 'restored' : 'refused' })
  }

  measure(step: string, stage: number | null, soakMs: number, said: Verdict): this {
    this.now += 1
    return this.do({
      kind: 'RecordMeasurements',
      step,
      stage,
      from: this.now - 1,
      to: this.now,
      batches: 1,
      digest: '',
      judgeStateDigest: '',
      soakMs,
      verdict: said,
    })
  }

  kinds(): string[] {
    return this.log.map((event) => event.kind).filter((kind) => !kind.startsWith('Message'))
  }
}
