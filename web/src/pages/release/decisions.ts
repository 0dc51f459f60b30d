/** What a person can decide here: what each asks for, and the command that it becomes. */
import type { Evidence, ReleaseView, StepView, WireCommand } from '../../../../src/api/wire/web.ts'

export interface Values {
  readonly [name: string]: string
}

export interface Input {
  readonly name: string
  readonly label: string
  readonly kind: 'line' | 'lines' | 'choice' | 'number' | 'moment' | 'yes' | 'person'
  readonly options?: readonly string[]
  /** What an option means, beside it. */
  readonly optionHints?: Readonly<Record<string, string>>
  readonly required: boolean
  readonly hint?: string
  readonly trouble?: string
  readonly start?: string
  /** Height of a field of `lines`. */
  readonly lines?: number
}

export interface Decision {
  readonly title: string
  readonly lead?: string
  readonly action: string
  readonly isStop?: boolean
  readonly inputs: readonly Input[]
  readonly evidence?: 'required' | 'optional' | 'none'
  /** Evidence that is there already, and has to be uploaded yet. */
  readonly files?: readonly File[]
  /** Read before deciding, line by line. */
  readonly reads?: readonly string[]
  /** The step whose signature this is: what is signed is shown. */
  readonly signs?: string
  readonly command: (values: Values, evidence: readonly Evidence[]) => WireCommand
}

const why = (label = 'Why', hint?: string): Input => ({
  name: 'why',
  label,
  kind: 'lines',
  required: true,
  ...(hint === undefined ? {} : { hint }),
})
const asRole = (options: readonly string[], isRequired: boolean): Input =>
  options.length > 0
    ? { name: 'role', label: 'As', kind: 'choice', options, required: isRequired, start: options[0] ?? '' }
    : {
        name: 'role',
        label: 'In which role',
        kind: 'line',
        required: isRequired,
        hint: 'A role that you hold here, for example release-engineer',
      }

export const orNull = (text: string | undefined): string | null =>
  text === undefined || text.trim() === '' ? null : text.trim()
export const momentOf = (text: string | undefined): number | null => {
  const at = orNull(text) === null ? Number.NaN : new Date(text ?? '').getTime()
  return Number.isFinite(at) ? at : null
}

export function answering(step: StepView, option: string | null): Decision {
  const asks = step.asks
  const options = asks?.options ?? []
  const fields = asks?.fields ?? []
  return {
    title: step.text,
    action: option === null ? (fields.length > 0 ? 'Save' : 'Answer') : `Answer “${option}”`,
    inputs: [
      ...(option === null && options.length > 0
        ? [
            {
              name: 'answer',
              label: 'Answer',
              kind: 'choice',
              options,
              required: true,
              start: options[0] ?? '',
            } as const,
          ]
        : []),
      ...fields.map(fieldInput),
      {
        name: 'note',
        label: 'Note',
        kind: 'lines',
        required: false,
        hint: 'Kept in the record. @ offers the people who see this release.',
      },
    ],
    evidence: asks?.evidence === 'required' ? 'required' : 'optional',
    command: (values, evidence) => ({
      kind: 'Answer',
      step: step.id,
      answer: option ?? values['answer'] ?? 'passed',
      note: orNull(values['note']),
      fields: Object.fromEntries(
        fields.map(({ name }) => [name, values[`field ${name}`] ?? '']).filter(([, value]) => value !== ''),
      ) as Readonly<Record<string, string>>,
      evidence,
    }),
  }
}

function fieldInput(field: NonNullable<StepView['asks']>['fields'][number]): Input {
  return {
    ...typedInput(field),
    ...(field.trouble === null ? {} : { trouble: `Could not be read by itself: ${field.trouble}` }),
    start: field.value ?? '',
  }
}

type Typed = Pick<
  NonNullable<StepView['asks']>['fields'][number],
  'name' | 'label' | 'type' | 'options' | 'required' | 'limit'
>

/** How a typed value is asked for, of a field as of a cell. */
export function typedInput(field: Typed): Input {
  const kinds = {
    choice: 'choice',
    boolean: 'yes',
    number: 'line',
    percent: 'line',
    duration: 'line',
    date: 'line',
    text: 'line',
  } as const
  const examples: Readonly<Record<string, string>> = {
    percent: '0.4%',
    duration: '250ms',
    date: '2026-01-31',
    number: '12',
  }
  const example = examples[field.type]
  const hints = [
    field.limit === null ? '' : `must be ${field.limit}`,
    example === undefined ? '' : `for example ${example}`,
  ]
  return {
    name: `field ${field.name}`,
    label: field.label,
    kind: kinds[field.type as keyof typeof kinds] ?? 'line',
    options: field.options,
    required: field.required,
    hint: hints.filter(Boolean).join(' · '),
  }
}

export function approving(step: StepView): Decision {
  const roles = step.asks?.roles ?? []
  const missing = roles.filter((role) => !(step.asks?.signedBy.some((one) => one.role === role) ?? false))
  return {
    title: step.text,
    action: 'Sign',
    inputs: [
      ...(missing.length > 0 ? [asRole(missing, true)] : []),
      { name: 'note', label: 'Note', kind: 'lines', required: false },
    ],
    signs: step.id,
    command: (values) => ({
      kind: 'Approve',
      step: step.id,
      role: orNull(values['role']),
      digest: step.asks?.digest ?? null,
      typed: null,
      note: orNull(values['note']),
    }),
  }
}

export function confirming(step: StepView): Decision {
  return {
    title: step.text,
    lead: `Two people confirm it before it runs. ${step.say.slice(0, 1).toUpperCase()}${step.say.slice(1)}.`,
    action: 'Confirm',
    isStop: true,
    inputs: [{ name: 'typed', label: `Type ${step.id}`, kind: 'line', required: true }],
    command: (values) => ({
      kind: 'Approve',
      step: step.id,
      role: null,
      digest: null,
      typed: values['typed'] ?? '',
      note: null,
    }),
  }
}

export function rejecting(step: StepView): Decision {
  return {
    title: `Reject: ${step.text}`,
    lead: 'The release stops here until somebody signs after all, or takes it back.',
    action: 'Reject',
    isStop: true,
    inputs: [...((step.asks?.roles.length ?? 0) > 0 ? [asRole(step.asks?.roles ?? [], false)] : []), why()],
    command: (values) => ({ kind: 'Reject', step: step.id, role: orNull(values['role']), why: values['why'] ?? '' }),
  }
}

export function handingOver(step: StepView): Decision {
  const to = step.asks?.handover?.to.join(', ') ?? ''
  return {
    title: `Hand over: ${step.text}`,
    lead: `${to} is asked to take over. The way back of this checklist goes with your notes.`,
    action: 'Hand over',
    inputs: [
      {
        name: 'notes',
        label: 'Notes',
        kind: 'lines',
        required: true,
        hint: 'What changes, and what to look at',
        start: step.asks?.handover?.notes ?? '',
      },
    ],
    command: (values) => ({ kind: 'HandOver', step: step.id, notes: values['notes'] ?? '' }),
  }
}

export function takingOver(step: StepView): Decision {
  return {
    title: `Take over: ${step.text}`,
    lead: `${step.asks?.handover?.by ?? 'Somebody'} hands this over to you. From then on it is yours.`,
    action: 'Take over',
    reads: step.asks?.signs ?? [],
    inputs: [
      ...((step.asks?.roles.length ?? 0) > 1 ? [asRole(step.asks?.roles ?? [], true)] : []),
      { name: 'note', label: 'Note', kind: 'lines', required: false },
    ],
    command: (values) => ({
      kind: 'Acknowledge',
      step: step.id,
      role: orNull(values['role']),
      digest: step.asks?.digest ?? null,
      note: orNull(values['note']),
    }),
  }
}

/** A role that signs here only under a condition: somebody shows that it need not. */
export function notNeeding(step: StepView, role: string, roles: readonly string[]): Decision {
  const why0 = step.asks?.conditionalRoles?.find((one) => one.role === role)?.why ?? ''
  return {
    title: `Not needed: ${role}`,
    lead: `“${step.text}” asks ${role} to sign${why0 === '' ? '' : `, because ${why0}`}. Who decides otherwise is listed in the report, and what was signed before is signed again.`,
    action: 'It is not needed',
    inputs: [why('Reason'), { ...asRole(roles, true), name: 'as' }],
    command: (values) => ({
      kind: 'RoleNotNeeded',
      step: step.id,
      role,
      as: values['as'] ?? '',
      reason: values['why'] ?? '',
    }),
  }
}

export function waiving(step: StepView, roles: readonly string[]): Decision {
  return {
    title: `Waive: ${step.text}`,
    lead: 'The release goes on without this step having passed. Who, why and until when is listed in the report.',
    action: 'Waive it',
    inputs: [
      why('Reason'),
      asRole(roles, true),
      {
        name: 'expires',
        label: 'Expires',
        kind: 'moment',
        required: false,
        hint: 'After this the step counts as open again; a time of your zone',
      },
    ],
    command: (values) => ({
      kind: 'Waive',
      step: step.id,
      reason: values['why'] ?? '',
      role: values['role'] ?? '',
      expires: momentOf(values['expires']),
    }),
  }
}

export function notApplicable(step: StepView, roles: readonly string[]): Decision {
  return {
    title: `Does not apply: ${step.text}`,
    action: 'Mark as not applicable',
    inputs: [why('Reason'), asRole(roles, false)],
    command: (values) => ({
      kind: 'MarkNotApplicable',
      step: step.id,
      reason: values['why'] ?? '',
      role: orNull(values['role']),
    }),
  }
}

export function settling(step: StepView): Decision {
  const said = { 'it took effect': 'done', 'it did not take effect': 'failed', 'run it again': 'retry' } as const
  return {
    title: `Settle: ${step.text}`,
    lead: `Nobody knows whether this took effect (${step.say}). Look at the system itself, then say what is true.`,
    action: 'Settle',
    inputs: [
      {
        name: 'as',
        label: 'What is true',
        kind: 'choice',
        options: Object.keys(said),
        required: true,
        start: 'it took effect',
      },
      why('How do you know'),
    ],
    command: (values) => ({
      kind: 'Settle',
      step: step.id,
      as: said[values['as'] as keyof typeof said] ?? 'failed',
      why: values['why'] ?? '',
    }),
  }
}

export function assigning(step: StepView): Decision {
  return {
    title: `Assign: ${step.text}`,
    action: 'Assign',
    inputs: [
      {
        name: 'to',
        label: 'To',
        kind: 'person',
        required: true,
        hint: 'Somebody who sees this release, for example ana',
        start: step.owner ?? '',
      },
    ],
    command: (values) => ({ kind: 'Assign', step: step.id, to: values['to'] ?? '' }),
  }
}

export function noting(step: StepView | null): Decision {
  return {
    title: step === null ? 'Note on this release' : `Note: ${step.text}`,
    action: 'Add the note',
    inputs: [
      {
        name: 'note',
        label: 'Note',
        kind: 'lines',
        required: true,
        hint: 'Kept in the record. @ offers the people who see this release.',
      },
    ],
    command: (values) => ({ kind: 'Note', step: step?.id ?? null, note: values['note'] ?? '' }),
  }
}

export function beingPresent({ phase }: NonNullable<ReleaseView['presence']>): Decision {
  return {
    title: `I am here for “${phase}”`,
    action: 'I am here',
    inputs: [],
    command: () => ({ kind: 'BePresent', until: null }),
  }
}

export function leaving(): Decision {
  return {
    title: 'I leave',
    lead: 'With too few people nothing goes forward. Nothing is taken back for it.',
    action: 'I leave',
    inputs: [{ ...why(), required: false }],
    command: (values) => ({ kind: 'EndPresence', why: values['why'] ?? '' }),
  }
}

export function holding(): Decision {
  return {
    title: 'Hold the release',
    lead: 'Nothing new begins until somebody lifts the hold. Traffic stays where it is, and judging goes on.',
    action: 'Hold',
    inputs: [why()],
    command: (values) => ({ kind: 'Hold', why: values['why'] ?? '' }),
  }
}

export function resuming(view: ReleaseView): Decision {
  return {
    title: 'Lift the hold',
    ...(view.hold === null ? {} : { lead: `Held by ${view.hold.by}: ${view.hold.why}` }),
    action: 'Go on',
    inputs: [why()],
    command: (values) => ({ kind: 'Resume', why: values['why'] ?? '' }),
  }
}

export function promoting(view: ReleaseView): Decision {
  const rollout = view.rollouts.find(({ stage, doing }) => stage >= 0 && doing !== 'done')
  const now = rollout?.stages[rollout.stage]
  const next = rollout?.stages[(rollout?.stage ?? 0) + 1]
  const verdict = rollout?.observed?.verdict?.say
  return {
    title: next === undefined ? 'Promote' : `Promote to ${next.weightPercent} %`,
    lead: [now === undefined ? '' : `Now at ${now.weightPercent} %.`, verdict ?? ''].filter(Boolean).join(' '),
    action: 'Promote',
    inputs: [...(now?.promote == null ? [] : [asRole([now.promote], true)]), why('Why', 'What made you sure')],
    command: (values) => ({
      kind: 'Promote',
      stage: rollout?.stage ?? null,
      role: orNull(values['role']),
      reason: orNull(values['why']),
    }),
  }
}

export function aborting(view: ReleaseView): Decision {
  return {
    title: 'Abort the release',
    lead: `Everything begun is taken back: all traffic returns to ${view.facts.previous ?? 'stable'} at once, then actions are undone in reverse.`,
    action: 'Abort',
    isStop: true,
    inputs: [why()],
    command: (values) => ({ kind: 'Abort', why: values['why'] ?? '', leave: false, typed: null }),
  }
}

export function rollingBack(view: ReleaseView): Decision {
  return {
    title: 'Roll back',
    lead: `All traffic returns to ${view.facts.previous ?? 'stable'} at once, then actions are undone in reverse.`,
    action: 'Roll back',
    isStop: true,
    inputs: [why()],
    command: (values) => ({ kind: 'Rollback', why: values['why'] ?? '' }),
  }
}
