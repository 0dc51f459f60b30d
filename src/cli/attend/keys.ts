/** What a person can do from the live view: each key asks what it must, then sends one command. */
import type { Client, WireCommand } from '../../api/client-types.ts'
import type { AskView, ReleaseView, StepView, WaitingView } from '../../report/view.ts'
import { askLine, askUntil } from '../ask-line.ts'
import { commandFreshly } from '../ask-engine.ts'
import type { Evidence } from '../../core/release/events.ts'
import { Refused, UsageFault } from '../faults.ts'
import { signedLines } from '../commands/release-approve.ts'
import type { Context } from '../context.ts'
import { keepFiles } from '../evidence.ts'
import type { Line } from '../terminal/line.ts'
import { visible } from '../terminal/text.ts'
import type { LivePresenter } from './live.ts'
import { askRow } from './ask-rows.ts'
import { askMessage } from './message-keys.ts'

/** The keys that do something now. */
export function keyLine(view: ReleaseView): string {
  const many = Math.min(9, view.waitsFor.filter((wait) => wait.kind !== 'time').length)
  const rollout = view.rollouts.find((one) => one.stage >= 0 && one.doing !== 'done')
  const forward = view.phase === 'running'
  const keys = [
    many === 0 ? '' : many === 1 ? '1 act on it' : `1-${many} act on it`,
    forward && rollout ? 'p promote' : '',
    forward ? (view.hold ? 'u resume' : 'h hold') : '',
    forward || view.phase === 'validating' ? 'r roll back' : '',
    forward ? 'b abort' : '',
    'n note',
    'Ctrl-C detach',
  ]
  return keys.filter((key) => key !== '').join(' · ')
}

/** null = the person thought better of it. */
type Asked = { readonly command: WireCommand; readonly digest?: string } | null

export async function actOnKey(key: string, context: Context, client: Client, presenter: LivePresenter): Promise<void> {
  const view = presenter.current()
  if (!view) return
  const question = questionFor(key, view, client, context)
  if (!question) return
  const result = await presenter.suspend(async () => {
    const asked = await question()
    return asked && (await send(context, client, view, asked.command))
  })
  if (result) presenter.say(result)
}

function questionFor(key: string, view: ReleaseView, client: Client, context: Context): (() => Promise<Asked>) | null {
  const wait = /^[1-9]$/.test(key) ? view.waitsFor[Number(key) - 1] : undefined
  if (wait) return () => askAbout(wait, view, client, context)
  const reasoned = (title: string, make: (why: string) => WireCommand) => () => withReason(title, make)
  const stage = view.rollouts.find((rollout) => rollout.stage >= 0 && rollout.doing !== 'done')?.stage ?? null
  switch (key) {
    case 'p':
      return reasoned('Promote to the next stage', (reason) => ({
        kind: 'Promote',
        stage,
        role: promoteRole(view),
        reason,
      }))
    case 'h':
      return reasoned('Hold: nothing goes forward', (why) => ({ kind: 'Hold', why }))
    case 'u':
      return reasoned('Resume', (why) => ({ kind: 'Resume', why }))
    case 'r':
      return reasoned('Roll back: everything begun is taken back', (why) => ({ kind: 'Rollback', why }))
    case 'b':
      return reasoned('Abort: everything begun is taken back', (why) => ({
        kind: 'Abort',
        why,
        leave: false,
        typed: null,
      }))
    case 'n':
      return reasoned('Note for the record', (note) => ({ kind: 'Note', step: null, note }))
    default:
      return null
  }
}

function promoteRole(view: ReleaseView): string | null {
  const rollout = view.rollouts.find((one) => one.stage >= 0 && one.doing !== 'done')
  return rollout?.stages[rollout.stage]?.promote ?? null
}

async function withReason(title: string, make: (why: string) => WireCommand): Promise<Asked> {
  const why = await askLine(`${title}. Why? (empty = do nothing) `)
  return why ? { command: make(why) } : null
}

/** What was accepted comes back as an event and is shown as such; only a refusal needs words here. */
async function send(context: Context, client: Client, view: ReleaseView, command: WireCommand): Promise<Line | null> {
  const refused = (why: string): Line => [['  ✖ refused: ', 'bad'], why]
  try {
    const answer = await commandFreshly(context, client, view.release, command)
    return answer.kind === 'refused' ? refused(answer.reason) : null
  } catch (fault) {
    // A wrong password when signing in again: the view goes on.
    if (fault instanceof Refused) return refused(fault.message)
    throw fault
  }
}

async function askAbout(wait: WaitingView, view: ReleaseView, client: Client, context: Context): Promise<Asked> {
  const step = view.phases.flatMap((phase) => phase.steps).find((one) => one.id === wait.step)
  process.stdout.write(`\n${visible(wait.what)}\n`)
  switch (wait.kind) {
    case 'answer':
    case 'fields':
      return step?.asks ? askFilledIn(step, step.asks, view, client) : null
    case 'record':
      return step ? askChoice(step, [waiving(step), notApplying(step)]) : null
    case 'approve':
      return step ? askSignature(step, view, context) : null
    case 'confirm':
      return step ? askConfirmation(step) : null
    case 'failed':
    case 'blocked':
      return step ? askChoice(step, [again(step, client), waiving(step), notApplying(step)]) : null
    case 'settle':
      return step
        ? askChoice(
            step,
            (['done', 'failed', 'retry'] as const).map((as) => settling(step, as)),
          )
        : null
    case 'promote':
    case 'decide':
      return askChoice(null, decisions(view))
    case 'resume':
      return withReason('Resume', (why) => ({ kind: 'Resume', why }))
    case 'handover':
      return step ? askHandover(step, context) : null
    case 'presence':
      return askPresence()
    case 'rollback':
      return step ? askChoice(step, [again(step, client)]) : null
    case 'message':
      return askMessage(wait, view)
    case 'time':
      return null
  }
}

interface Choice {
  readonly key: string
  readonly text: string
  readonly ask: () => Promise<Asked>
}

async function askChoice(_step: StepView | null, choices: readonly Choice[]): Promise<Asked> {
  const text = choices.map((choice) => `[${choice.key}] ${choice.text}`).join('  ')
  const chosen = await askUntil<Choice | null>(`${text}  (empty = nothing) `, (given) => {
    const choice = choices.find(({ key }) => key === given.toLowerCase())
    if (choice || given === '') return { value: choice ?? null }
    return { again: `"${visible(given)}" is none of ${choices.map(({ key }) => key).join(', ')}.` }
  })
  return (await chosen?.ask()) ?? null
}

function again(step: StepView, client: Client): Choice {
  const asks = step.asks && step.asks.options.length > 0 && step.word === 'answer' ? step.asks : null
  if (asks) return { key: 'a', text: 'answer again', ask: () => askAnswer(step, asks, client) }
  return { key: 't', text: 'try again', ask: async () => ({ command: { kind: 'Retry', step: step.id } }) }
}

function waiving(step: StepView): Choice {
  const ask = async (): Promise<Asked> => {
    const role = await askLine('Your role: ')
    const reason = role ? await askLine('Why go on without it? ') : null
    return role && reason ? { command: { kind: 'Waive', step: step.id, role, reason, expires: null } } : null
  }
  return { key: 'w', text: 'waive', ask }
}

function notApplying(step: StepView): Choice {
  const ask = async (): Promise<Asked> => {
    const reason = await askLine('Why does it not apply? ')
    return reason ? { command: { kind: 'MarkNotApplicable', step: step.id, reason, role: null } } : null
  }
  return { key: 'x', text: 'does not apply', ask }
}

const settleWords = { done: 'it took effect', failed: 'it did not', retry: 'run it again' } as const

function settling(step: StepView, as: 'done' | 'failed' | 'retry'): Choice {
  const make = (why: string): WireCommand => ({ kind: 'Settle', step: step.id, as, why })
  return { key: as.slice(0, 1), text: settleWords[as], ask: () => withReason(`Settle: ${settleWords[as]}`, make) }
}

function decisions(view: ReleaseView): readonly Choice[] {
  const stage = view.rollouts.find((rollout) => rollout.stage >= 0 && rollout.doing !== 'done')?.stage ?? null
  const role = promoteRole(view)
  return [
    {
      key: 'p',
      text: 'promote',
      ask: () => withReason('Promote', (reason) => ({ kind: 'Promote', stage, role, reason })),
    },
    { key: 'h', text: 'hold', ask: () => withReason('Hold', (why) => ({ kind: 'Hold', why })) },
    { key: 'r', text: 'roll back', ask: () => withReason('Roll back', (why) => ({ kind: 'Rollback', why })) },
  ]
}

/** Rows one at a time: each is an order of its own, and the question comes again. */
async function askFilledIn(step: StepView, asks: AskView, view: ReleaseView, client: Client): Promise<Asked> {
  const row = await askRow(view, step.id)
  if (row === 'whole') return askAnswer(step, asks, client)
  return row === null ? null : { command: row }
}

async function askAnswer(step: StepView, asks: AskView, client: Client): Promise<Asked> {
  const fields = await askFields(asks)
  if (!fields) return null
  const options = asks.options.length > 0 ? asks.options : ['passed', 'failed']
  const shown = options.map((option, index) => `[${index + 1}] ${visible(option)}`).join('  ')
  const answer = await askUntil<string | null>(`${shown}  (empty = not now) `, (given) => {
    const found = options[Number(given) - 1] ?? options.find((option) => option.toLowerCase() === given.toLowerCase())
    if (found !== undefined || given === '') return { value: found ?? null }
    return { again: `"${visible(given)}" is none of them: type a number from 1 to ${options.length}.` }
  })
  if (answer === null) return null
  const note = await askLine('Note (may be empty): ')
  if (note === null) return null
  const evidence = asks.evidence === 'none' ? [] : await askEvidence(asks.evidence === 'required', client)
  if (evidence === null) return null
  return { command: { kind: 'Answer', step: step.id, answer, note: note || null, fields, evidence } }
}

function askEvidence(isRequired: boolean, client: Client): Promise<readonly Evidence[] | null> {
  return askUntil<readonly Evidence[]>(
    `Evidence file (${isRequired ? 'required' : 'may be empty'}): `,
    async (file) => {
      if (file === '') return isRequired ? { again: 'It needs a file; Ctrl-C leaves the question.' } : { value: [] }
      try {
        return { value: await keepFiles(client, [file]) }
      } catch (fault) {
        if (fault instanceof UsageFault) return { again: visible(fault.message) }
        throw fault
      }
    },
  )
}

async function askFields(asks: AskView): Promise<Readonly<Record<string, string>> | null> {
  const values: Record<string, string> = {}
  for (const field of asks.fields) {
    const hints = [
      field.options.join(' | '),
      field.limit ?? '',
      field.value === null ? '' : `now ${field.value}`,
      field.required ? '' : 'may be empty',
    ]
    const hint = hints.filter((part) => part !== '').join(', ')
    const given = await askUntil<string>(
      `${visible(field.label || field.name)}${hint ? ` (${visible(hint)})` : ''}: `,
      (text) => {
        if (text === '' && field.required && field.value === null)
          return { again: 'It needs a value; Ctrl-C leaves the question.' }
        const isKnown = text === '' || field.options.length === 0 || field.options.includes(text)
        return isKnown
          ? { value: text }
          : { again: `"${visible(text)}" is none of ${field.options.map(visible).join(', ')}.` }
      },
    )
    if (given === null) return null
    if (given !== '') values[field.name] = given
  }
  return values
}

async function askSignature(step: StepView, view: ReleaseView, context: Context): Promise<Asked> {
  for (const line of signedLines(view, step)) process.stdout.write(`${line}\n`)
  const roles = step.asks?.roles ?? []
  const role = roles.length > 1 ? await askLine(`Your role (${roles.map(visible).join(', ')}): `) : (roles[0] ?? '')
  if (role === null || (roles.length > 0 && role === '')) return null
  const given = await askLine(`Sign as ${context.as ?? context.config.user}? [y] sign  [n] reject  (empty = not now) `)
  if (given?.toLowerCase() === 'n')
    return withReason('Reject', (why) => ({ kind: 'Reject', step: step.id, role: role || null, why }))
  if (given?.toLowerCase() !== 'y') return null
  return {
    command: {
      kind: 'Approve',
      step: step.id,
      role: role || null,
      digest: step.asks?.digest ?? null,
      typed: null,
      note: null,
    },
  }
}

async function askConfirmation(step: StepView): Promise<Asked> {
  const typed = await askLine(`Dangerous. Type its id (${visible(step.id)}) to confirm: `)
  return typed ? { command: { kind: 'Approve', step: step.id, role: null, digest: null, typed, note: null } } : null
}

async function askPresence(): Promise<Asked> {
  const given = await askLine('Are you there? [y] yes  (empty = not now) ')
  return given?.toLowerCase() === 'y' ? { command: { kind: 'BePresent', until: null } } : null
}

async function askHandover(step: StepView, context: Context): Promise<Asked> {
  if (step.asks?.handover?.by == null) {
    const notes = await askLine('What changes, and what to look at  (empty = not now): ')
    return notes ? { command: { kind: 'HandOver', step: step.id, notes } } : null
  }
  for (const line of step.asks.signs) process.stdout.write(`  ${visible(line)}\n`)
  const given = await askLine(`Take over as ${context.as ?? context.config.user}? [y] yes  (empty = not now) `)
  if (given?.toLowerCase() !== 'y') return null
  const { digest } = step.asks
  return { command: { kind: 'Acknowledge', step: step.id, role: null, digest, note: null } }
}
