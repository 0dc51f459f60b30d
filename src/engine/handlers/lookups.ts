/** Looks up records with an age and captures values for fields. */
import { fitOf } from '../../core/records/fit.ts'
import { hash } from 'node:crypto'
import type { Effect } from '../../core/release/effects.ts'
import { contextOf } from '../work.ts'
import { described } from './attempts.ts'
import type { Handler } from '../work.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

export const lookUpRecord: Handler<EffectOf<'LookUpRecord'>> = async ({ effect, desk }) => {
  const { step, wish } = effect
  const all = await desk.persist(() => desk.ports.store.records(wish.name))
  // Another project's restore test proves nothing here.
  const records = all.filter((each) => (each.project ?? null) === desk.state().project)
  const { record, say } = fitOf(records, wish, desk.now())
  const [found, observedAt] = [record?.id ?? null, record?.observedAt ?? null]
  await desk.submit({ kind: 'UseRecord', step, record: found, observedAt, say })
}

/** The same record written twice is one: its id is that of what it tells. */
export const writeRecord: Handler<EffectOf<'WriteRecord'>> = async ({ effect, desk }) => {
  const { step, record } = effect
  const { attempt, ...kept } = record
  await desk.persist(() => desk.ports.store.addRecord({ ...kept, recordedAt: desk.now() }))
  const outcome = kept.outcome ?? 'passed'
  await desk.submit({ kind: 'NoteRecord', step, attempt, record: kept.id, name: kept.name, outcome })
}

export const captureField: Handler<EffectOf<'CaptureField'>> = async ({ effect, desk, signal }) => {
  const { step, field, capture } = effect
  const answer = await desk.ports.observer.capture(
    capture,
    desk.now(),
    contextOf(desk, effect.key, desk.lease.epoch, signal),
  )
  if ('noData' in answer || !Number.isFinite(answer.value)) {
    const say = 'noData' in answer ? answer.noData : `${field} = ${answer.value}`
    await desk.submit({ kind: 'CaptureField', step, field, value: null, say })
    return
  }
  const { value, window, evidence: bytes } = answer
  const say = answer.say === undefined ? `${field} = ${value}` : `${field} = ${value}, ${answer.say}`
  const evidence = bytes && [described(bytes, hash('sha256', bytes.bytes))]
  const more = { ...(window && { window }), ...(evidence && { evidence }) }
  await desk.submit(
    { kind: 'CaptureField', step, field, value, say, ...more },
    { evidence: bytes ? [bytes.bytes] : [] },
  )
}
