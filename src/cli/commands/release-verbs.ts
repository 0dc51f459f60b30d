/** The verbs by which a person acts on a release: each finds what is meant, and asks the engine. */
import type { WireCommand } from '../../api/client-types.ts'
import type { ReleaseView, StepView, WaitingKind } from '../../report/view.ts'
import { askEngine } from '../ask-engine.ts'
import type { Run, Values } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { findRelease, findStep, findTarget } from '../release-argument.ts'
import { count, duration, flag, list, pairs, text } from '../values.ts'

type OfStep = (step: StepView, options: Values, rest: readonly string[]) => WireCommand

/** A verb on `[RELEASE] STEP`. */
function onStep(kinds: readonly WaitingKind[], make: OfStep, after = 1): Run {
  return async (context, words, options) => {
    const client = await context.client()
    const { view, rest } = await findTarget(client, words, after)
    const [given, ...more] = rest
    return askEngine(context, client, view, make(findStep(view, given, kinds), options, more), text(options, 'sign'))
  }
}

/** A verb on `[RELEASE]`. */
function onRelease(make: (view: ReleaseView, options: Values) => WireCommand): Run {
  return async (context, words, options) => {
    const client = await context.client()
    const view = await findRelease(client, words[0])
    return askEngine(context, client, view, make(view, options), text(options, 'sign'))
  }
}

const why = (options: Values): string => text(options, 'reason') ?? ''

export const answer: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 2)
  const [given, said] = rest.length > 1 ? rest : [undefined, rest[0]]
  if (said === undefined)
    throw new UsageFault("expected an answer, for example holdpoint release answer 'smoke test' passed")
  const step = findStep(view, given, ['answer', 'fields', 'record', 'failed'])
  const { keepFiles } = await import('../evidence.ts')
  const evidence = await keepFiles(client, list(options, 'evidence'))
  const fields = pairs(list(options, 'field'), '--field')
  const command = {
    kind: 'Answer',
    step: step.id,
    answer: said,
    note: text(options, 'note'),
    fields,
    evidence,
  } as const
  return askEngine(context, client, view, command)
}

export const reject = onStep(['approve'], (step, options) => ({
  kind: 'Reject',
  step: step.id,
  role: text(options, 'role'),
  why: why(options),
}))

export const waive = onStep(['failed', 'blocked', 'record', 'answer', 'fields'], (step, options) => {
  const expires = text(options, 'expires')
  return {
    kind: 'Waive',
    step: step.id,
    role: text(options, 'role') ?? '',
    reason: why(options),
    expires: expires === null ? null : Date.now() + duration(expires, '--expires'),
  }
})

export const notApplicable = onStep(['failed', 'blocked', 'record', 'answer', 'fields'], (step, options) => ({
  kind: 'MarkNotApplicable',
  step: step.id,
  reason: why(options),
  role: text(options, 'role'),
}))

export const notNeeded = onStep(['approve'], (step, options) => ({
  kind: 'RoleNotNeeded',
  step: step.id,
  role: text(options, 'who') ?? '',
  as: text(options, 'role') ?? '',
  reason: why(options),
}))

export const revoke = onStep(['approve'], (step, options) => ({
  kind: 'RevokeApproval',
  step: step.id,
  why: why(options),
}))

export const assign = onStep(
  [],
  (step, _options, [person]) => {
    if (person === undefined)
      throw new UsageFault("expected STEP and PERSON, for example holdpoint release assign 'smoke test' bo")
    return { kind: 'Assign', step: step.id, to: person }
  },
  2,
)

export const retry = onStep(['failed', 'blocked', 'record', 'rollback'], (step) => ({ kind: 'Retry', step: step.id }))

export const settle = onStep(['settle'], (step, options) => ({
  kind: 'Settle',
  step: step.id,
  as: (text(options, 'as') ?? 'failed') as 'done' | 'failed' | 'retry',
  why: why(options),
}))

export const promote = onRelease((view, options) => {
  const given = text(options, 'stage')
  const standing = view.rollouts.find((rollout) => rollout.stage >= 0 && rollout.doing !== 'done')?.stage ?? null
  return {
    kind: 'Promote',
    // The stage that stood when this command looked: a promotion of one stage never promotes the one after it.
    stage: given === null ? standing : count(given, '--stage') - 1,
    role: text(options, 'role'),
    reason: text(options, 'reason'),
  }
})

export const handOver = onStep(['handover'], (step, options) => ({
  kind: 'HandOver',
  step: step.id,
  notes: text(options, 'note') ?? '',
}))

export const present = onRelease((_view, options) => {
  const length = text(options, 'for')
  return { kind: 'BePresent', until: length === null ? null : Date.now() + duration(length, '--for') }
})
export const absent = onRelease((_view, options) => ({ kind: 'EndPresence', why: why(options) }))
export const hold = onRelease((_view, options) => ({ kind: 'Hold', why: why(options) }))
export const resume = onRelease((_view, options) => ({ kind: 'Resume', why: why(options) }))
export const rollback = onRelease((_view, options) => ({ kind: 'Rollback', why: why(options) }))
const abortRelease = onRelease((_view, options) => ({
  kind: 'Abort',
  why: why(options),
  leave: flag(options, 'leave'),
  typed: text(options, 'confirm'),
}))

export const rewatch: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const longer = text(options, 'extend')
  const running = view.watchTable.filter(({ standing }) => standing === 'running')
  const only = running.length === 1 ? running[0]?.step : undefined
  const step = rest[0] === undefined && only !== undefined ? only : findStep(view, rest[0], []).id
  const extendMs = longer === null ? null : duration(longer, '--extend')
  return askEngine(context, client, view, { kind: 'Rewatch', step, extendMs, why: why(options) })
}

/** The emergency stop also holds for a start that stands in line: it never begins. */
export const abort: Run = async (context, words, options) => {
  const client = await context.client()
  const [given] = words
  if (given === undefined || (await client.show(given)) !== null) return abortRelease(context, words, options)
  const left = await client.leaveLine(given, why(options))
  if ('kind' in left) return abortRelease(context, words, options)
  if (context.json) printJson(context, { start: given, left: true })
  else context.out(`${given} stood in line and has left it; nothing of it began`)
  return 0
}

export const incident = onRelease((_view, options) => ({
  kind: 'DeclareIncident',
  severity: text(options, 'severity') ?? '',
  reason: why(options),
}))

type IncidentStatus = Extract<WireCommand, { kind: 'SetIncidentStatus' }>['status']

export const incidentStatus: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const status = incidentStatuses.find((each) => each === rest[0])
  if (status === undefined)
    throw new UsageFault(
      `expected one of ${incidentStatuses.join(', ')}, for example holdpoint release incident-status resolved --note 'orders arrive again'`,
    )
  const told = { incident: text(options, 'incident'), status, note: text(options, 'note') }
  return askEngine(context, client, view, { kind: 'SetIncidentStatus', ...told })
}

const incidentStatuses: readonly IncidentStatus[] = ['investigating', 'identified', 'monitoring', 'resolved']

export const note: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const [said] = rest
  if (said === undefined)
    throw new UsageFault("expected the text of the note, for example holdpoint release note 'traffic is low today'")
  const about = text(options, 'step')
  const step = about === null ? null : findStep(view, about, []).id
  return askEngine(context, client, view, { kind: 'Note', step, note: said })
}
