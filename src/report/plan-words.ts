/** What a step of a plan will do, in a few words: the same in the terminal and on the page before a start. */
import type {
  ApproveBlock,
  FieldsBlock,
  PhasePlan,
  Plan,
  RecordBlock,
  RolloutBlock,
  RunBlock,
  StepPlan,
  WatchBlock,
} from '../core/plan/plan.ts'
import { actionShell, type ActionScript } from '../core/plan/action-script.ts'
import { recordAgeWords } from '../core/plan/record-age.ts'
import { rateText } from '../core/plan/quantity.ts'
import { countWords, durationWords } from './words.ts'

/** `a person answers`, `http check`, `2 signatures (qa, lead)`; empty for a group. */
export function blockWords({ block }: StepPlan): string {
  switch (block.word) {
    case 'group':
      return ''
    case 'answer':
      return 'a person answers'
    case 'check':
      return `${block.kind} check`
    case 'run':
      return `${actionWords(block)}${block.irreversible === null ? '' : `, irreversible: ${block.irreversible}`}`
    case 'approve':
      return approveWords(block)
    case 'handover':
      return `${block.from ?? 'somebody'} hands over to ${block.to.join(', then ')}${block.withinMs === null ? '' : `, each within ${durationWords(block.withinMs)}`}`
    case 'readiness':
      return block.of === 'items' && block.match === null
        ? 'yes when all before it is done'
        : `yes when all about ${block.match ?? block.of} is done`
    case 'record':
      return recordWords(block)
    case 'known-issues':
      return `known issues${block.block.length > 0 ? `, ${block.block.join(' or ')} blocks` : ''}`
    case 'fields':
      return fieldsWords(block)
    case 'rollout':
      return `rollout of ${block.components.map((component) => component.name).join(', ')}${usualWords(block)}`
    case 'watch':
      return [`watch for ${durationWords(block.forMs)}`, ...courseWords(block)].join(', ')
    case 'wait':
      return block.untilWindow
        ? `waits for the window ${block.untilWindow}`
        : `waits ${durationWords(block.forMs ?? 0)}`
  }
}

/** `action`, or `git-tag action` of a kind. */
function actionWords({ command: { shell, script } }: RunBlock): string {
  return shell === actionShell ? `${(JSON.parse(script) as ActionScript).kind} action` : 'action'
}

function fieldsWords({ fields, tables = [] }: FieldsBlock): string {
  const values = fields.length === 0 ? [] : [`values: ${fields.map(({ name }) => name).join(', ')}`]
  const rows = tables.map(({ name, columns, least }) => {
    const needed = least === 0 ? '' : `, ${countWords(least, 'row')} or more`
    return `table ${name} (${columns.map((column) => column.name).join(', ')})${needed}`
  })
  return [...values, ...rows].join('; ')
}

function courseWords({ checks, startsMs, before, onIncident }: WatchBlock): readonly string[] {
  return [
    ...(startsMs === undefined ? [] : [`from ${durationWords(startsMs)} after the rollout on`]),
    ...(before === 'close' ? ['only the closing waits for it'] : []),
    ...(checks.length > 0 ? [`${countWords(checks.length, 'check')} at every look`] : []),
    ...(onIncident === undefined
      ? []
      : [`after an incident ${onIncident.does === 'restart' ? 'again' : `${durationWords(onIncident.byMs)} longer`}`]),
  ]
}

function approveWords({ count, roles, conditional = [], not, afterWatch }: ApproveBlock): string {
  const always = Math.max(count, roles.length)
  return [
    always > 0 || conditional.length === 0
      ? `${countWords(always, 'signature')}${roles.length > 0 ? ` (${roles.join(', ')})` : ''}`
      : '',
    ...conditional.map(({ role, when }) => `${role} signs if ${when}`),
    not.includes('author') ? 'not by the author' : '',
    afterWatch ? 'after the watch' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** `record restore-test not older than 30d`, `record restore-test of the last calendar quarter (UTC)`. */
function recordWords(block: RecordBlock): string {
  const age =
    block.calendar === undefined ? `not older than ${durationWords(block.maxAgeMs)}` : `of ${recordAgeWords(block)}`
  const limits = Object.entries(block.limits ?? {}).map(([name, limit]) => `${name} ${limit}`)
  const more = [block.environment && `in ${block.environment}`, block.evidence && 'with evidence', ...limits]
  return [`record ${block.name} ${age}`, ...more.filter((words) => words !== undefined)].join(', ')
}

/** `in window office, closed by 12 events of holidays.ics 3f2a51c09be1`; empty without a window. */
export function windowWords({ windows }: Pick<Plan, 'windows'>, { window }: PhasePlan): string {
  if (window === null) return ''
  const { calendars = [], closures = [] } = windows[window] ?? {}
  if (calendars.length === 0) return `in window ${window}`
  const files = calendars.map(({ file, sha256 }) => `${file} ${sha256.slice(0, 12)}`)
  return `in window ${window}, closed by ${countWords(closures.length, 'event')} of ${files.join(' and ')}`
}

function usualWords({ judge }: RolloutBlock): string {
  return judge.traffic === undefined ? '' : `, usually ${rateText(judge.traffic.perSecond)}`
}

/** A person will be asked for something: an answer, values, a signature, a record. */
export function asksPeople(step: StepPlan): boolean {
  return (
    step.answer !== null ||
    ['answer', 'approve', 'handover', 'fields', 'known-issues', 'record'].includes(step.block.word)
  )
}
