/** The checklist as a tree of lines, with its tallies per phase. */
import type { PhaseView, ReleaseView, StepView } from '../../report/view.ts'
import { durationWords } from '../../report/words.ts'
import type { Line, Span } from './line.ts'
import { lineWidth, spread } from './line.ts'
import { signSpan, signs, tallyLine } from './states.ts'
import { cut, widthOf } from './text.ts'

export interface TreeOptions {
  readonly width: number
  /** Every step, or only those of open phases that are not done. */
  readonly show: 'all' | 'unfinished'
  /** Most lines; what does not fit is counted in the last one. */
  readonly room: number
}

const finished: readonly string[] = ['passed', 'waived', 'not applicable']

export function treeLines(view: ReleaseView, { width, show, room }: TreeOptions): readonly Line[] {
  const phases = view.phases.filter((phase) => show === 'all' || phase.status !== 'not run')
  const stepsOf = (phase: PhaseView) => (show === 'all' ? phase.steps : shownSteps(phase))
  const wanted = phases.flatMap((phase) => stepsOf(phase).map((step) => ({ phase, step })))
  const keep = keepUrgent(wanted, Math.max(0, room - phases.length))
  const lines = phases.flatMap((phase) => {
    const kept = stepsOf(phase).filter((step) => keep.has(step))
    const hidden = stepsOf(phase).length - kept.length
    const more: Line = ['     ', [`… ${hidden} more`, 'dim']]
    return [
      phaseLine(phase, width),
      ...kept.flatMap((step, at) => [
        ...(show === 'all' ? headingOf(step, kept[at - 1]) : []),
        stepLine(step, width, view.at),
      ]),
      ...(hidden > 0 && kept.length > 0 ? [more] : []),
    ]
  })
  return lines.slice(0, Math.max(0, room))
}

/** A heading of the document between two steps of a phase. */
function headingOf(step: StepView, before: StepView | undefined): readonly Line[] {
  const heading = step.section.slice(1).join(' · ')
  return heading === '' || heading === before?.section.slice(1).join(' · ') ? [] : [['   ', [heading, 'dim']]]
}

/** In a live view a step that is done needs no line: it was printed above when it was done. */
function shownSteps(phase: PhaseView): readonly StepView[] {
  if (phase.status !== 'open') return []
  return phase.steps.filter(
    (step) => !finished.includes(step.state) && !(step.word === 'group' && step.state === 'waiting'),
  )
}

/** When not all fit: what needs someone first, then what runs, then what waits, in document order. */
function keepUrgent(wanted: readonly { readonly step: StepView }[], room: number): ReadonlySet<StepView> {
  if (wanted.length <= room) return new Set(wanted.map(({ step }) => step))
  const rank = ({ state, word }: StepView) =>
    state === 'waiting' ? 3 : word === 'group' ? 2 : state === 'running' ? 1 : 0
  const sorted = wanted.map(({ step }) => step).sort((a, b) => rank(a) - rank(b))
  return new Set(sorted.slice(0, Math.max(0, room - 1)))
}

const phaseSigns = {
  waiting: signs.waiting,
  open: { icon: '▾', tone: 'busy' },
  closed: signs.passed,
  'not applicable': signs['not applicable'],
  'not run': { icon: '·', tone: 'dim' },
} as const

function phaseLine(phase: PhaseView, width: number): Line {
  const { icon, tone } = phaseSigns[phase.status]
  const titleTone = phase.status === 'open' ? 'strong' : phase.status === 'closed' ? 'plain' : 'dim'
  const title: Line = [' ', [icon, tone], ' ', [phase.title, titleTone]]
  if (phase.status === 'not run') return [...title, [`  ${notRunWords[phase.kind] ?? ''}`, 'dim']]
  if (phase.status === 'not applicable') return [...title, [`  does not apply: ${phase.why}`, 'dim']]
  return spread(title, tallyLine(phase.tally), width)
}

const notRunWords: Readonly<Record<string, string>> = {
  rollback: 'runs only when the release is rolled back',
  drill: 'a drill: not part of a release',
  incident: 'for an incident',
  reference: 'to read, never runs',
}

export function stepLine(step: StepView, width: number, now: number): Line {
  const indent = ' '.repeat(3 + 2 * step.depth)
  const text: Span = [
    step.text,
    step.state === 'waiting' || step.state === 'not applicable' ? 'dim' : step.word === 'group' ? 'strong' : 'plain',
  ]
  const left: Span[] = [indent, signSpan(step.state), ' ', text]
  const says = sayOf(step, now)
  if (says === '') return left
  const room = width - lineWidth(left) - 3
  // A sentence too long for what is left beside its step would be cut to nothing: keep at least half the line for it.
  const least = Math.min(widthOf(says), Math.floor(width / 2))
  if (room >= least) return [...left, ['  ', 'plain'], [cut(says, room + 1), sayTone(step)]]
  const forText = Math.max(10, width - least - indent.length - 4)
  return [indent, signSpan(step.state), ' ', [cut(step.text, forText), text[1] as 'plain'], '  ', [says, sayTone(step)]]
}

function sayTone(step: StepView) {
  return ['failed', 'errored', 'unknown', 'inconclusive', 'blocked'].includes(step.state)
    ? signs[step.state].tone
    : ('dim' as const)
}

/** The state's word where the icon alone would be a riddle, then what is said about it. */
function sayOf(step: StepView, now: number): string {
  if (step.word === 'group') return ''
  const undo =
    step.undo === null
      ? ''
      : step.undo === 'running'
        ? 'being taken back'
        : step.undo === 'passed'
          ? 'taken back'
          : `taking it back ${step.undo}`
  const parts = [undo || wordOf(step), step.say]
  if (step.state === 'running' && step.since !== null) parts.push(durationWords(now - step.since))
  if (step.owner && step.state === 'needs a person') parts.push(step.owner)
  return parts.filter((part) => part !== '').join(' · ')
}

function wordOf(step: StepView): string {
  if (step.state === 'passed' || step.state === 'waiting')
    return step.say === '' && step.state === 'passed' ? 'passed' : ''
  if (step.state === 'running') return step.say === '' ? 'running' : ''
  return step.blocks ? step.state : `${step.state}, a warning`
}
