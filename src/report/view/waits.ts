/** What a release waits for, who owes it, and what that person types. */
import { eventOn, isWindowOpen } from '../../core/calendar/window.ts'
import { wallWords } from '../../core/calendar/wall-words.ts'
import { leadWords } from '../../core/plan/lead-time.ts'
import type { PhasePlan, StepPlan } from '../../core/plan/plan.ts'
import { nextForwardPhase } from '../../core/release/consequences-phases.ts'
import { mayBeginAt, notBefore, waitsForTraffic } from '../../core/release/consequences-time.ts'
import { mayOverride } from '../../core/release/course.ts'
import { leadCalendar } from '../../core/release/planned-start.ts'
import { lockWords } from '../../core/release/phase-lock.ts'
import { goesForward, isAsideStep, isEnded, liveAttempts, reopenedSteps } from '../../core/release/standing.ts'
import { escalatesAt } from '../../core/release/handover.ts'
import { presenceOf, presenceWords } from '../../core/release/presence.ts'
import { rolesNeeded } from '../../core/release/sign-off.ts'
import { blockedCommands, issueCommands } from './known-issues.ts'
import { recordCommands } from './record-command.ts'
import { rowCommands } from './rows.ts'
import { word } from './shell-word.ts'
import type { ReleaseState, StepState } from '../../core/release/state.ts'
import type { StepView, WaitingKind, WaitingView } from '../view.ts'
import { type Instant, never } from '../../core/units.ts'
import { durationWords } from '../words.ts'
import { incidentWaits } from './incidents.ts'
import { messageWaits } from './messages.ts'
import type { Scene } from './steps.ts'
import { isOpen } from './steps.ts'

type Commands = WaitingView['commands']

/** Most urgent first: what failed, then what only a person can settle or decide, then questions and signatures, then time. */
export function waitsOf(scene: Scene, steps: ReadonlyMap<string, StepView>): readonly WaitingView[] {
  const { state } = scene
  if (isEnded(state)) return []
  const found = [...wholeRelease(state), ...presenceWait(state), ...windowWait(scene)]
  for (const plan of state.plan.steps) {
    const step = state.steps.get(plan.id)
    const view = steps.get(plan.id)
    if (!step || !view || !isOpen(step) || standsForOthers(plan, step)) continue
    // On the way back a forward step waits for nobody, except for one whose action nobody knows the end of.
    if (state.rollback && view.state !== 'unknown' && !isAsideStep(state, plan)) continue
    const wait = stepWait(scene, plan, step, view)
    if (wait) found.push(wait)
  }
  return found.sort((a, b) => urgency[a.kind] - urgency[b.kind])
}

/** A group shows the worst of its steps: these are what is waited for, each in its own words. */
function standsForOthers({ block }: StepPlan, { blocked }: StepState): boolean {
  return block.word === 'group' && blocked === null
}

/** Smaller is more urgent; the same number keeps document order. */
const urgency: Readonly<Record<WaitingKind, number>> = {
  rollback: 0,
  failed: 1,
  settle: 2,
  blocked: 3,
  message: 4,
  decide: 4,
  resume: 5,
  presence: 5,
  promote: 6,
  confirm: 7,
  answer: 8,
  fields: 8,
  record: 8,
  approve: 9,
  handover: 9,
  time: 10,
}

/** Too few people are there: nothing goes forward, and nothing goes back for it. */
function presenceWait(state: ReleaseState): readonly WaitingView[] {
  const standing = presenceOf(state)
  if (standing === null || standing.missing === 0 || state.rollback !== null) return []
  const { wanted, here } = standing
  return [
    {
      kind: 'presence',
      step: null,
      what: presenceWords(standing),
      who: wanted.roles.length > 0 ? wanted.roles.join(', ') : here.length > 0 ? 'anybody else' : 'anybody',
      since: state.lastEventAt,
      until: null,
      otherwise: null,
      commands: [{ why: 'say that you are there', command: commandLine(state, 'present', '') }],
    },
  ]
}

/** The next phase may begin only while its window is open. */
function windowWait({ state, now }: Scene): readonly WaitingView[] {
  const phase = goesForward(state) ? nextForwardPhase(state) : undefined
  if (!phase || state.phases.get(phase.id)?.status !== 'waiting' || reopenedSteps(state).length > 0) return []
  const locked = lockWait(state, phase)
  if (locked) return [locked]
  if (phase.window === null && notBefore(state, phase) <= now) return []
  const until = mayBeginAt(state, phase, now) ?? null
  const what = `"${phase.title}" ${whatFor(state, phase, until, now)}`
  const commands = overrideCommands(state, phase, now)
  return [
    { kind: 'time', step: null, what, who: null, since: state.lastEventAt, until, otherwise: 'goes on', commands },
  ]
}

/** It acts elsewhere, and something there is held by another release. */
function lockWait(state: ReleaseState, phase: PhasePlan): WaitingView | null {
  const { lock } = state
  if (lock?.phase !== phase.id || lock.status !== 'awaited') return null
  const what = `"${phase.title}" waits for ${lockWords(lock)}${lock.say === '' ? '' : `: ${lock.say}`}`
  const ending = { kind: 'time', step: null, who: null, until: null, otherwise: null, commands: [] } as const
  return { ...ending, what, since: lock.since }
}

/** `is planned for its start`, `waits for the window "office", closed for "Christmas"`. */
function whatFor(state: ReleaseState, phase: PhasePlan, until: Instant | null, now: Instant): string {
  const planned = notBefore(state, phase)
  if (planned > now && until === planned)
    return `${phase.due === undefined ? 'is planned for' : `is to begin ${leadWords(phase.due)} the start:`} ${wallWords(leadCalendar(state.plan).zone, planned)}`
  const { window: name } = phase
  const window = name === null ? undefined : state.plan.windows[name]
  if (name === null || window === undefined) return 'waits for a window that nobody declared'
  if (until === null) return `waits for the window "${name}", which does not open within a year`
  if (until === now && waitsForTraffic(state, phase, now))
    return `waits for low traffic in the window "${name}": ${state.time.readings.get(name)?.say ?? 'it is being read'}`
  const event = eventOn(window, now)
  const room = isWindowOpen(window, now) && window.covers !== undefined ? ', which has no room for it now' : ''
  return `waits for the window "${name}"${event === null ? room : `, closed for "${event}"`}`
}

function overrideCommands(state: ReleaseState, phase: PhasePlan, now: Instant): Commands {
  const window = phase.window === null ? undefined : state.plan.windows[phase.window]
  if (window?.override === undefined || !mayOverride(state.plan, phase, now) || notBefore(state, phase) > now) return []
  const rest = `${word(phase.id)} --role ${window.override} --reason WHY`
  return [{ why: `override the window, as ${window.override}`, command: commandLine(state, 'override', rest) }]
}

function wholeRelease(state: ReleaseState): readonly WaitingView[] {
  const found: WaitingView[] = []
  const tell = (verb: string, rest = '') => commandLine(state, verb, rest)
  const nothing = { step: null, until: null, otherwise: null }
  if (state.phase === 'rollback-failed')
    found.push({
      ...nothing,
      kind: 'rollback',
      what: `The rollback failed: ${state.rollback?.failed ?? 'a step of it failed'}`,
      who: leadOf(state),
      since: state.rollback?.startedAt ?? null,
      commands: [
        ...(failedUndo(state) ? [{ why: 'try again', command: tell('retry', word(failedUndo(state) ?? '')) }] : []),
        { why: 'leave it as it is', command: tell('abort', `--leave --reason WHY --confirm ${word(state.id)}`) },
      ],
    })
  if (state.leaveProposed)
    found.push({
      ...nothing,
      kind: 'decide',
      what: `${state.leaveProposed.by} wants to stop and take nothing back: ${state.leaveProposed.why}`,
      who: `someone besides ${state.leaveProposed.by}`,
      since: state.leaveProposed.at,
      commands: [
        { why: 'agree', command: tell('abort', `--leave --reason WHY --confirm ${word(state.id)}`) },
        { why: 'take everything back', command: tell('abort', '--reason WHY') },
      ],
    })
  if (state.hold)
    found.push({
      ...nothing,
      kind: 'resume',
      what: `Held by ${state.hold.by}: ${state.hold.why}`,
      who: state.hold.by,
      since: state.hold.at,
      commands: [
        { why: 'go on', command: tell('resume', '--reason WHY') },
        { why: 'take everything back', command: tell('rollback', '--reason WHY') },
      ],
    })
  found.push(...messageWaits(state, word))
  if (state.asked)
    found.push({
      kind: 'decide',
      step: state.asked.step,
      what: state.asked.question,
      who: state.asked.role ?? leadOf(state),
      since: state.asked.askedAt,
      until: state.asked.until,
      otherwise: state.asked.otherwise,
      commands: [
        {
          why: 'go on',
          command: tell(
            'promote',
            [state.asked.role ? `--role ${word(state.asked.role)}` : '', '--reason WHY'].filter(Boolean).join(' '),
          ),
        },
        { why: 'hold', command: tell('hold', '--reason WHY') },
        { why: 'take everything back', command: tell('rollback', '--reason WHY') },
      ],
    })
  found.push(...incidentWaits(state, leadOf(state), tell))
  return found
}

/** The step whose way back failed, else any: `retry` of a failed rollback wants one. */
function failedUndo(state: ReleaseState): string | null {
  const bad = [...state.steps.values()].findLast((step) => {
    const last = step.attempts.at(-1)
    return last !== undefined && last.outcome !== null && last.outcome !== 'passed' && step.closed === null
  })
  return bad?.id ?? state.plan.steps[0]?.id ?? null
}

function stepWait({ state, now }: Scene, plan: StepPlan, step: StepState, view: StepView): WaitingView | null {
  const base = {
    step: plan.id,
    who: view.owner ?? someone(state, plan),
    since: view.since,
    until: null,
    otherwise: null,
  }
  const tell = (verb: string, rest = '') => commandLine(state, verb, [word(plan.id), rest].filter(Boolean).join(' '))
  const says = view.say ? `${plan.text}: ${view.say}` : plan.text
  switch (view.state) {
    case 'failed':
    case 'errored':
    case 'inconclusive':
      return view.blocks ? { ...base, kind: 'failed', what: says, commands: afterFailure(plan, step, tell) } : null
    case 'unknown':
      return {
        ...base,
        kind: 'settle',
        what: `${plan.text}: nobody knows whether it took effect (${view.say})`,
        commands: [
          { why: 'it took effect', command: tell('settle', '--as done --reason WHY') },
          { why: 'it did not', command: tell('settle', '--as failed --reason WHY') },
          // On the way back nothing forward is repeated.
          ...(state.rollback && !isAsideStep(state, plan)
            ? []
            : [{ why: 'run it again', command: tell('settle', '--as retry --reason WHY') }]),
        ],
      }
    case 'blocked':
      return { ...base, kind: 'blocked', what: says, commands: blockedCommands(plan, step, tell, waiverCommands(tell)) }
    case 'stale':
      return askingBlock(plan) ? { ...base, kind: 'answer', what: says, commands: asking(plan, step, tell) } : null
    case 'needs a person':
      return personWait({ state, now }, plan, step, base, says, tell)
    case 'running':
      return plan.block.word === 'wait' && step.wait
        ? {
            ...base,
            kind: 'time',
            who: null,
            what: plan.text,
            until: step.wait.until,
            otherwise: 'goes on',
            commands: [],
          }
        : (outsideWait(plan, step, base) ?? promoteWait(state, plan, base))
    case 'waiting':
    case 'passed':
    case 'waived':
    case 'not applicable':
    case 'held':
      return null
    default:
      return never(view.state, 'the state of a step')
  }
}

type Tell = (verb: string, rest?: string) => string

function personWait(
  { state, now }: { state: ReleaseState; now: number },
  plan: StepPlan,
  step: StepState,
  base: Omit<WaitingView, 'kind' | 'what' | 'commands'>,
  says: string,
  tell: Tell,
): WaitingView | null {
  // A question about a rollout or watch stands in the list already, as the release's own.
  if (state.asked?.step === plan.id) return null
  const { block } = plan
  switch (block.word) {
    case 'handover': {
      const until = escalatesAt(block, step)
      const otherwise = until === null ? null : 'the next one is asked'
      const commands = step.handover
        ? [{ why: 'take over', command: tell('acknowledge', '') }]
        : [{ why: 'hand over', command: tell('hand-over', '--note NOTES') }]
      return { ...base, kind: 'handover', what: says, until, otherwise, commands }
    }
    case 'approve':
      return {
        ...base,
        kind: 'approve',
        what: says,
        commands: [...rowCommands(plan, step, tell), ...approveCommands(plan, step, tell)],
      }
    case 'record':
      return {
        ...base,
        kind: 'record',
        what: says,
        commands: [...recordCommands(state, block), ...waiverCommands(tell)],
      }
    case 'run':
      if (plan.danger && step.attempts.length === 0)
        return {
          ...base,
          kind: 'confirm',
          what: `${plan.text}: dangerous, ${step.confirmations.length} of 2 people confirmed`,
          who: step.confirmations.length > 0 ? `someone besides ${step.confirmations.join(', ')}` : 'two people',
          commands: [{ why: 'confirm', command: tell('approve', `--confirm ${word(plan.id)}`) }],
        }
      return { ...base, kind: 'answer', what: says, commands: asking(plan, step, tell) }
    case 'known-issues':
      return {
        ...base,
        kind: 'answer',
        what: says,
        commands: issueCommands(block, plan, step, tell, waiverCommands(tell)),
      }
    case 'group':
    case 'readiness':
    case 'check':
    case 'rollout':
    case 'watch':
    case 'wait':
    case 'answer':
    case 'fields': {
      const due = block.word === 'answer' ? block.due : null
      const until = due === null || base.since === null ? null : base.since + due
      const late = until !== null && until < now ? ` (due ${durationWords(now - until)} ago)` : ''
      const kind = block.word === 'fields' ? ('fields' as const) : ('answer' as const)
      return {
        ...base,
        kind,
        what: `${plan.text}${late}`,
        until,
        commands: [...rowCommands(plan, step, tell), ...asking(plan, step, tell)],
      }
    }
    default:
      return never(block, 'a block')
  }
}

/** A stage that only a person may leave, once its soak is done and its numbers say go. */
function promoteWait(
  state: ReleaseState,
  plan: StepPlan,
  base: Omit<WaitingView, 'kind' | 'what' | 'commands'>,
): WaitingView | null {
  if (plan.block.word !== 'rollout') return null
  const rollout = state.rollouts.get(plan.id)
  const observation = state.observations.get(plan.id)
  const stage = rollout ? plan.block.stages[rollout.stage] : undefined
  if (!rollout || !stage?.promote || rollout.doing !== 'soaking' || rollout.promotedBy !== null) return null
  if (!observation || observation.soakMs < stage.soakMs || observation.verdict?.zone !== 'go') return null
  return {
    ...base,
    kind: 'promote',
    what: `${plan.text}: ${stage.weightPercent} % has soaked and its numbers say go`,
    who: stage.promote,
    since: observation.verdictAt,
    commands: [
      { why: 'go on', command: commandLine(state, 'promote', `--role ${word(stage.promote)}`) },
      { why: 'hold', command: commandLine(state, 'hold', '--reason WHY') },
      { why: 'take everything back', command: commandLine(state, 'rollback', '--reason WHY') },
    ],
  }
}

function askingBlock(plan: StepPlan): boolean {
  return plan.answer !== null || ['answer', 'fields', 'approve'].includes(plan.block.word)
}

function asking(plan: StepPlan, step: StepState, tell: Tell): Commands {
  if (plan.block.word === 'approve') return approveCommands(plan, step, tell)
  const spec = plan.block.word === 'answer' ? plan.block : plan.answer
  const fields = [...(plan.block.word === 'fields' ? plan.block.fields : []), ...(spec?.fields ?? [])]
  const needed = fields.filter((field) => field.required && step.fields[field.name] === undefined)
  const rest = [
    ...needed.map((field) => `--field ${word(`${field.name}=`)}VALUE`),
    ...(spec?.evidence === 'required' ? ['--evidence FILE'] : []),
  ].join(' ')
  const options = spec ? (spec.options ?? ['passed', 'failed']) : ['passed']
  return options.map((option) => ({
    why: option,
    command: tell('answer', [word(option), rest].filter(Boolean).join(' ')),
  }))
}

function approveCommands(plan: StepPlan, step: StepState, tell: Tell): Commands {
  const roles = plan.block.word === 'approve' ? rolesNeeded(plan.block, step) : []
  const missing = roles.filter((role) => !step.approvals.some((one) => one.role === role))
  const as = missing.length > 0 ? missing : [null]
  return [
    ...as.map((role) => ({
      why: role ? `sign as ${role}` : 'sign',
      command: tell('approve', role ? `--role ${word(role)}` : ''),
    })),
    ...excusable(step).map((role) => ({
      why: `show that ${role} is not needed`,
      command: tell('not-needed', `--who ${word(role)} --role ROLE --reason WHY`),
    })),
    { why: 'reject', command: tell('reject', '--reason WHY') },
  ]
}

/** Roles that sign here under a condition, and have neither signed nor been shown not to be needed. */
function excusable({ conditionalRoles = [], approvals }: StepState): readonly string[] {
  return conditionalRoles
    .filter(
      ({ role, needed, notNeeded }) => needed !== 'no' && !notNeeded && !approvals.some((one) => one.role === role),
    )
    .map(({ role }) => role)
}

function afterFailure(plan: StepPlan, step: StepState, tell: Tell): Commands {
  const answers = plan.block.word === 'answer' || (plan.answer !== null && step.answer !== null)
  const again = answers ? asking(plan, step, tell).slice(0, 1) : [{ why: 'try it again', command: tell('retry') }]
  return [...again, ...waiverCommands(tell)]
}

/** With all that the wish asks for, so that what is typed after it opens the gate. */
function waiverCommands(tell: Tell): Commands {
  return [{ why: 'go on without it', command: tell('waive', '--role ROLE --reason WHY') }]
}

/** Who can owe a step that names nobody: the roles it asks, the one who started it, or anyone else where that one is excluded. */
function someone(state: ReleaseState, plan: StepPlan): string {
  const roles = plan.block.word === 'approve' ? plan.block.roles : []
  if (roles.length > 0) return roles.join(', ')
  const isKnown = state.startedBy.assurance === 'proven'
  const excluded = plan.block.word === 'approve' && (plan.block.not.includes('author') || isKnown)
  return excluded ? `someone besides ${state.startedBy.id}` : state.startedBy.id
}

export function leadOf(state: ReleaseState): string {
  const open = state.plan.phases.find((phase) => state.phases.get(phase.id)?.status === 'open')
  return open?.lead ?? open?.owner ?? state.startedBy.id
}

export function commandLine(state: ReleaseState, verb: string, rest: string): string {
  const sign = needsSignature(state, verb, rest) ? '--sign KEYFILE' : ''
  return ['holdpoint release', verb, word(state.id), rest, sign].filter(Boolean).join(' ')
}

const signedVerbs: ReadonlySet<string> = new Set([
  'approve',
  'acknowledge',
  'not-needed',
  'waive',
  'promote',
  'resume',
  'settle',
  'override',
])

/** A protected environment takes what lets a release go on only signed; answers, holds and ways back need no key. */
function needsSignature(state: ReleaseState, verb: string, rest: string): boolean {
  if (!state.plan.environments[state.environment]?.protected) return false
  return signedVerbs.has(verb) || (verb === 'abort' && rest.includes('--leave '))
}

/** A runner outside owes the result, perhaps the very script that started the release: nothing here is at work. */
function outsideWait(
  plan: StepPlan,
  step: StepState,
  base: Omit<WaitingView, 'kind' | 'what' | 'commands'>,
): WaitingView | null {
  const { block } = plan
  if (block.word !== 'check' || block.kind !== 'external') return null
  const live = liveAttempts(step).at(-1)
  if (live === undefined) return null
  const from = block.config['from']
  const what = `${plan.text}: waits for the result of ${typeof from === 'string' ? from : 'a runner outside'}`
  const until = live.startedAt + block.timeoutMs
  return { ...base, kind: 'time', who: null, what, until, otherwise: 'is inconclusive', commands: [] }
}
