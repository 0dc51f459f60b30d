/** The checker itself: a good history holds, and a history in which one promise is broken is told by the name of that promise. */
import { describe, expect, test } from 'vitest'
import { sealEvents, genesisHash } from '../../src/core/log/chain.ts'
import type { Actor, Recorded, ReleaseEvent } from '../../src/core/release/events.ts'
import { viewOf } from '../../src/report/view.ts'
import { approval, check, message, phase, plan, run, step, wait } from '../support/plan-builder.ts'
import { person, ReleaseSpec } from '../support/release-spec.ts'
import { broken, type Evidence, type Log, type Seen, statesOf } from './history.ts'

const engine: Actor = { id: 'holdpoint', kind: 'engine', assurance: 'engine' }

/** A release that went as it should: checked, changed, waited, signed, closed. */
function goodRelease(): readonly Recorded[] {
  const spec = new ReleaseSpec()
  const steps = [step('ready', check()), step('deploy', run()), step('warm', wait(60_000)), step('sign', approval())]
  spec.start(plan([phase('go', steps)], { messages: [message('done', 'release.closed')] }))
  spec.attempt('ready', 'check', 'passed').attempt('deploy', 'action', 'passed').pass(60_000)
  spec.do({ kind: 'Approve', step: 'sign', role: null, digest: null, typed: null, note: null }, person('ben'))
  return deliver(spec).recorded
}

/** A release that somebody turned back after its action. */
function turnedBack(): readonly Recorded[] {
  const spec = new ReleaseSpec()
  const undo = { shell: 'bash', script: 'true', cwd: null, timeoutMs: 1, secrets: [], captures: [] } as const
  spec.start(
    plan([
      phase('go', [step('deploy', run(), { undo: { ...undo, idempotent: true } as never }), step('sign', approval())]),
    ]),
  )
  spec.attempt('deploy', 'action', 'passed')
  spec.do({ kind: 'Abort', why: 'smoke', leave: false, typed: null }, person('ben'))
  spec.attempt('deploy', 'undo', 'passed')
  return deliver(spec.tick()).recorded
}

function deliver(spec: ReleaseSpec): ReleaseSpec {
  for (const { id, status } of spec.current.messages.values())
    if (status === 'queued') spec.do({ kind: 'ReportDelivery', message: id, ok: true, final: true, say: 'ok' })
  return spec
}

function logOf(recorded: readonly Recorded[], stream = 'release/r1'): Log {
  const numbered = recorded.map((each, index) => ({ ...each, version: index + 1 }))
  return sealEvents(stream, genesisHash, 0, numbered).map(({ stored }, index) => ({
    ...stored,
    position: index + 1,
  })) as Log
}

/** A target that saw what the log claims. */
function seenBy(log: Log): Seen {
  const acts = log.flatMap(({ event, at }) =>
    event.kind === 'AttemptStarted' && (event.purpose === 'action' || event.purpose === 'undo')
      ? [{ ...event, at }]
      : [],
  )
  const standing = new Set<string>()
  for (const { purpose, step: id } of acts)
    if (purpose === 'action') standing.add(id)
    else standing.delete(id)
  return {
    effects: acts.map(({ purpose, step: id, attempt, epoch, at }) => ({
      at,
      what: purpose === 'action' ? 'apply' : 'undo',
      release: 'r1',
      step: id,
      attempt,
      epoch,
      percent: null,
      accepted: true,
    })),
    delivered: log.flatMap(({ event, at }) =>
      event.kind === 'MessageDelivered' ? [{ at, release: 'r1', message: event.message, on: '' }] : [],
    ),
    outrages: [],
    weights: new Map(),
    isApplied: (_release, id) => standing.has(id),
  }
}

function evidenceOf(recorded: readonly Recorded[], changed: Partial<Evidence> = {}): Evidence {
  const log = logOf(recorded)
  return { log, target: seenBy(log), ...changed }
}

const find = (events: readonly Recorded[], kind: ReleaseEvent['kind']) =>
  events.findIndex(({ event }) => event.kind === kind)
const without = (events: readonly Recorded[], kind: ReleaseEvent['kind']) =>
  events.filter(({ event }) => event.kind !== kind)

/** Puts events behind the first of a kind, by the engine, at the same moment. */
function behind(
  events: readonly Recorded[],
  kind: ReleaseEvent['kind'],
  ...more: readonly ReleaseEvent[]
): readonly Recorded[] {
  const at = find(events, kind)
  const moment = events[at]?.at ?? 0
  return [
    ...events.slice(0, at + 1),
    ...more.map((event) => ({ version: 0, at: moment, by: engine, event })),
    ...events.slice(at + 1),
  ]
}

function changed<K extends ReleaseEvent['kind']>(
  events: readonly Recorded[],
  kind: K,
  change: Partial<Extract<ReleaseEvent, { kind: K }>> & { at?: number },
): readonly Recorded[] {
  const { at, ...members } = change
  const index = find(events, kind)
  return events.map((each, place) =>
    place === index ? { ...each, at: at ?? each.at, event: { ...each.event, ...members } as ReleaseEvent } : each,
  )
}

test('a release that went well, and one that was turned back, break nothing', () => {
  expect(broken(evidenceOf(goodRelease()))).toEqual([])
  expect(broken(evidenceOf(turnedBack()))).toEqual([])
})

describe('a history in which a promise is broken is told', () => {
  const good = goodRelease()
  const back = turnedBack()
  const attempt = 'r1/deploy/action-1'
  const second = {
    kind: 'AttemptStarted',
    step: 'deploy',
    attempt: 'r1/deploy/action-2',
    purpose: 'action',
    epoch: 1,
  } as const
  const opened = logOf(good)
  const goodSeen = seenBy(opened)
  const [effect] = goodSeen.effects
  const [state] = statesOf(opened)
  const view = JSON.parse(JSON.stringify(viewOf(state!, { attempts: [], observations: [] }, 5_000_000))) as ReturnType<
    typeof viewOf
  >

  const cases: readonly (readonly [string, string, Evidence])[] = [
    [
      'I1',
      'two attempts of a step live at once',
      evidenceOf(behind(good, 'PhaseOpened', { ...second, step: 'ready', purpose: 'check' })),
    ],
    ['I1', 'an epoch that shrinks', evidenceOf(changed(good, 'AttemptStarted', { epoch: 7 }))],
    [
      'I1',
      'an effect under another epoch than its claim',
      { log: opened, target: { ...goodSeen, effects: [{ ...effect!, epoch: 9 }] } },
    ],
    [
      'I1',
      'an effect from behind the fence',
      {
        log: opened,
        target: { ...goodSeen, effects: [{ ...effect!, what: 'weight', attempt: 'x', epoch: 9 }, effect!] },
      },
    ],
    ['I2', 'a forward action after the abort', evidenceOf(behind(back, 'RollbackStarted', second))],
    ['I2', 'an approval after the abort', evidenceOf(behind(back, 'RollbackStarted', approvalBy('cy', 'sign')))],
    ['I3', 'a gate that nobody signed', evidenceOf(without(good, 'ApprovalGiven'))],
    ['I3', 'a check that did not pass', evidenceOf(changed(good, 'AttemptFinished', { outcome: 'failed' }))],
    ['I4', 'a wait that ended early', evidenceOf(changed(good, 'WaitStarted', { until: 9e12 }))],
    ['I4', 'a wait that never ended', evidenceOf(without(good, 'WaitEnded'))],
    ['I4', 'a lateness that is not true', evidenceOf(changed(good, 'WaitEnded', { lateMs: 77 }))],
    ['I4', 'a timer later than the bound', evidenceOf(late(good, 5_000), { lateByMs: 1_000 })],
    ['I5', 'an attempt that acted twice', { log: opened, target: { ...goodSeen, effects: [effect!, effect!] } }],
    [
      'I5',
      'an effect without a recorded start',
      evidenceOf(good, { target: { ...goodSeen, effects: [{ ...effect!, attempt: 'r1/x/1' }] } }),
    ],
    [
      'I5',
      'an effect before its claim',
      evidenceOf(good, { target: { ...goodSeen, effects: [{ ...effect!, at: 1 }] } }),
    ],
    [
      'I5',
      'an effect after its recorded end',
      evidenceOf(good, { target: { ...goodSeen, effects: [{ ...effect!, at: 9e12 }] } }),
    ],
    ['I6', 'a lost action that is simply started again', evidenceOf(lost(good, attempt, second))],
    [
      'I7',
      'an event that was changed',
      { log: opened.map((each, i) => (i === 3 ? { ...each, at: 1 } : each)), target: goodSeen },
    ],
    ['I7', 'an event that is missing', { log: opened.toSpliced(4, 1), target: goodSeen }],
    [
      'I7',
      'a gap in the global order',
      { log: opened.map((each, i) => (i > 5 ? { ...each, position: each.position + 1 } : each)), target: goodSeen },
    ],
    [
      'I7',
      'something acknowledged that is not there',
      evidenceOf(good, { acknowledged: [{ release: 'r1', version: 99, kinds: ['NoteAdded'] }] }),
    ],
    [
      'I7',
      'a release that was acknowledged and is not there',
      evidenceOf(good, { acknowledged: [{ release: 'r2', version: 1, kinds: ['ReleaseStarted'] }] }),
    ],
    [
      'I8',
      'a replica that shows another state',
      evidenceOf(good, { views: [{ replica: 'two', view: { ...view, phase: 'running' } }] }),
    ],
    [
      'I8',
      'a replica that shows a release of its own',
      evidenceOf(good, { views: [{ replica: 'two', view: { ...view, release: 'r9' } }] }),
    ],
    ['I9', 'a message that still waits in the end', evidenceOf(without(good, 'MessageDelivered'))],
    [
      'I9',
      'a message that nobody queued',
      evidenceOf(good, {
        target: { ...goodSeen, delivered: [...goodSeen.delivered, { at: 1, release: 'r1', message: 'm', on: '' }] },
      }),
    ],
    [
      'I9',
      'a message that is called delivered and never arrived',
      evidenceOf(toOps(good), { target: { ...goodSeen, delivered: [] } }),
    ],
    ['I10', 'a second rollback', evidenceOf([...back, back[find(back, 'RollbackStarted')]!])],
    [
      'I10',
      'a breach that started no rollback',
      evidenceOf(
        behind(good, 'PhaseOpened', { kind: 'TriggerFired', trigger: 't', action: 'rollback', say: '' } as never),
      ),
    ],
    ['liveness', 'a release that never ended', evidenceOf(good.slice(0, find(good, 'ReleaseSignedOff')))],
    [
      'changed twice',
      'a target that was changed twice',
      evidenceOf(good, { target: { ...goodSeen, outrages: ['deploy was changed twice'] } }),
    ],
    [
      'actions are undone',
      'an action that still stands',
      evidenceOf(back, { target: { ...seenBy(logOf(back)), isApplied: () => true } }),
    ],
  ]

  test.each(cases)('%s: %s', (name, _what, evidence) => {
    expect(
      broken(evidence).filter((line) => line.includes(name)),
      broken(evidence).join('\n'),
    ).not.toEqual([])
  })
})

function approvalBy(by: string, id: string): ReleaseEvent {
  return { kind: 'ApprovalGiven', step: id, by, role: null, digest: 'd', assurance: 'claimed', note: null }
}

function late(events: readonly Recorded[], ms: number): readonly Recorded[] {
  const at = find(events, 'WaitEnded')
  return changed(
    events.map((each, index) => (index >= at ? { ...each, at: each.at + ms } : each)),
    'WaitEnded',
    { lateMs: ms },
  )
}

function lost(events: readonly Recorded[], attempt: string, next: ReleaseEvent): readonly Recorded[] {
  const at = events.findIndex(({ event }) => event.kind === 'AttemptFinished' && event.attempt === attempt)
  const end = events[at]!
  const unknown = { ...end, event: { ...end.event, outcome: 'unknown' } as ReleaseEvent }
  return [...events.slice(0, at), unknown, { ...end, event: next }, ...events.slice(at + 1)]
}

/** The console tells nobody; a channel has a receiver that can be asked. */
function toOps(events: readonly Recorded[]): readonly Recorded[] {
  return events.map((each) =>
    each.event.kind === 'MessageQueued' ? { ...each, event: { ...each.event, channel: 'ops' } } : each,
  )
}
