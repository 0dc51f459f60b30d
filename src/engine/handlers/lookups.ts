/** Looks up records with an age and captures values for fields. */
import type { Effect } from '../../core/release/effects.ts'
import { contextOf } from '../work.ts'
import type { Handler } from '../work.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

export const lookUpRecord: Handler<EffectOf<'LookUpRecord'>> = async ({ effect, desk }) => {
  const { step, name, maxAgeMs } = effect
  const all = await desk.persist(() => desk.ports.store.records(name))
  // Another project's restore test proves nothing here.
  const records = all.filter((each) => (each.project ?? null) === desk.state().project)
  const now = desk.now()
  // A record from the future proves nothing: somebody's clock or pen was wrong.
  const newest = records.filter((each) => each.observedAt <= now).toSorted((a, b) => b.observedAt - a.observedAt)[0]
  const ageMs = newest ? now - newest.observedAt : Infinity
  if (newest && ageMs <= maxAgeMs) {
    await desk.submit({
      kind: 'UseRecord',
      step,
      record: newest.id,
      observedAt: newest.observedAt,
      say: `${name}: observed ${inWords(ageMs)} ago, at most ${inWords(maxAgeMs)} allowed`,
    })
    return
  }
  const say = newest
    ? `${name}: the newest record is ${inWords(ageMs)} old, at most ${inWords(maxAgeMs)} allowed`
    : `${name}: there is no record yet`
  await desk.submit({ kind: 'UseRecord', step, record: null, observedAt: null, say })
}

export const captureField: Handler<EffectOf<'CaptureField'>> = async ({ effect, desk, signal }) => {
  const { step, field, capture } = effect
  const answer = await desk.ports.observer.capture(
    capture,
    desk.now(),
    contextOf(desk, effect.key, desk.lease.epoch, signal),
  )
  const value = 'value' in answer && Number.isFinite(answer.value) ? answer.value : null
  const say = 'noData' in answer ? answer.noData : `${field} = ${answer.value}`
  await desk.submit({ kind: 'CaptureField', step, field, value, say })
}

function inWords(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const
  const [length, unit] = units.find(([each]) => ms >= each) ?? [1000, 's']
  return `${Math.floor(ms / length)} ${unit}`
}
