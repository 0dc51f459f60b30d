/** A plan in words: phases, steps in order, who is asked, what nobody takes back, how long at least, and the digest. Pure. */
import type { Plan, StagePlan, StepPlan } from '../core/plan/plan.ts'
import { leadWords } from '../core/plan/lead-time.ts'
import type { LeftOut } from '../core/release/left-out.ts'
import { startNow } from '../core/release/start-now.ts'
import type { Instant } from '../core/units.ts'
import { messageRows } from '../report/message-rows.ts'
import { asksPeople, blockWords, windowWords } from '../report/plan-words.ts'
import { countWords, dateWords, durationWords, percentWords } from '../report/words.ts'
import { trafficLines } from './plan-traffic.ts'
import type { Line } from './terminal/line.ts'

/** `left` = what a certain release would leave out; null = the plan of any release. */
export function planLines(plan: Plan, left: LeftOut | null = null): readonly Line[] {
  return [
    [[plan.name, 'strong'], `  ${plan.service}`],
    [[summaryWords(plan), 'dim']],
    ...leftOutSummary(plan, left),
    ...plan.phases.flatMap((phase): readonly Line[] => {
      const steps = plan.steps.filter((step) => step.phase === phase.id)
      const without = left?.phases.get(phase.id)
      if (without !== undefined)
        return [[], [[`${phase.title}  left out with its ${countWords(steps.length, 'step')}: ${without}`, 'dim']]]
      const facts = [
        phase.kind === 'gate' ? '' : phase.kind,
        phase.when ? `when ${phase.when}` : '',
        windowWords(plan, phase),
        phase.environment ? `acts on ${phase.environment}` : '',
        phase.due ? `${phase.due.side === 'before' ? 'due' : 'from'} ${leadWords(phase.due)} the start` : '',
        phase.lead ? `led by ${phase.lead}` : '',
      ].filter((part) => part !== '')
      return [
        [],
        [
          [phase.title, 'strong'],
          [facts.length > 0 ? `  ${facts.join(', ')}` : '', 'dim'],
        ],
        ...steps.flatMap((step, at) => [...headingLines(plan, step, steps[at - 1]), ...stepLines(plan, step, left)]),
      ]
    }),
    ...triggerLines(plan),
    ...messageLines(plan),
    ...unreversedLines(plan),
  ]
}

/** Where windows matter: when a start at `now` would be through, or why it would be refused. */
export function courseLines(plan: Plan, now: Instant): readonly Line[] {
  if (plan.phases.every(({ window, due }) => window === null && due === undefined)) return []
  const course = startNow(plan, now)
  if (course.kind === 'fits') return [[`started now it is through at ${dateWords(course.endsAt)} at the earliest`]]
  return [[['a start now is refused: ', 'warn'], course.why]]
}

/** Three lines before a start. */
export function planSummary(plan: Plan, now: Instant): readonly Line[] {
  const asked = plan.steps.filter((step) => asksPeople(step)).length
  const acts = plan.steps.filter((step) => step.block.word === 'run').length
  const checks = plan.steps.filter((step) => step.block.word === 'check').length
  return [
    [[plan.name, 'strong'], `  ${summaryWords(plan)}`],
    [`${countWords(checks, 'check')}, ${countWords(acts, 'action')}, ${countWords(asked, 'step')} for people`],
    ...courseLines(plan, now),
    ...unreversedLines(plan),
  ]
}

function summaryWords(plan: Plan): string {
  return `${countWords(plan.phases.length, 'phase')}, ${countWords(plan.steps.length, 'step')}, at least ${durationWords(plan.expectedMs)}, plan ${plan.digest.slice(0, 12)}`
}

function leftOutSummary(plan: Plan, left: LeftOut | null): readonly Line[] {
  if (left === null) return []
  const none = left.steps.size === 0
  return [
    [
      none
        ? 'this release leaves nothing out'
        : `this release leaves out ${left.steps.size} of ${plan.steps.length} steps`,
    ],
  ]
}

/** A heading of the document between two steps; that of a stage says what the stage is. */
function headingLines(plan: Plan, step: StepPlan, before: StepPlan | undefined): readonly Line[] {
  const heading = step.section.slice(1).join(' · ')
  if (heading === '' || heading === before?.section.slice(1).join(' · ')) return []
  const rollout = plan.steps.find((each) => each.id === step.stage?.rollout)?.block
  const stage = rollout?.word === 'rollout' && step.stage ? rollout.stages[step.stage.index] : undefined
  const told = rollout?.word === 'rollout' && step.stage ? trafficLines(rollout, '    ')[step.stage.index] : undefined
  return [
    [`  ${heading}`, [stage ? `  ${percentWords(stage.weightPercent)}, ${stageWords(stage)}` : '', 'dim']],
    ...(told ? [told] : []),
  ]
}

function stageWords(stage: StagePlan): string {
  return `soak ${durationWords(stage.soakMs)}, ${stage.promote ? `${stage.promote} says go` : 'the judge says go'}`
}

function stepLines(plan: Plan, step: StepPlan, left: LeftOut | null): readonly Line[] {
  const depth = depthOf(plan, step)
  const indent = ' '.repeat(2 + 2 * depth + (step.section.length > 1 ? 2 : 0))
  const without = left?.steps.get(step.id)
  if (without !== undefined) return [[[`${indent}${step.text}  left out: ${without}`, 'dim']]]
  const notes = [
    blockWords(step),
    step.severity === 'warning' ? 'a warning' : '',
    step.danger ? 'dangerous: two people confirm' : '',
    step.when ? `when ${step.when}` : '',
    step.owner ? `owner ${step.owner}` : '',
    step.only.length > 0 ? `only ${step.only.join(', ')}` : '',
    step.never.length > 0 ? `never ${step.never.join(', ')}` : '',
    step.undo ? 'with undo' : '',
  ].filter((part) => part !== '')
  return [
    [`${indent}${step.text}`, [notes.length > 0 ? `  ${notes.join(' · ')}` : '', 'dim']],
    ...stageLines(step, indent),
  ]
}

function stageLines(step: StepPlan, indent: string): readonly Line[] {
  // Stages with headings of their own are told there.
  if (step.block.word !== 'rollout' || step.block.stages.some((stage) => stage.actions.length + stage.steps.length > 0))
    return []
  const told = trafficLines(step.block, `${indent}    `)
  return step.block.stages.flatMap((stage, i): readonly Line[] => [
    [`${indent}  ${percentWords(stage.weightPercent)}`, [`  ${stageWords(stage)}`, 'dim']],
    ...(told[i] ? [told[i]] : []),
  ])
}

function triggerLines(plan: Plan): readonly Line[] {
  if (plan.triggers.length === 0) return []
  return [
    [],
    [['Triggers', 'strong']],
    ...plan.triggers.map(
      (trigger): Line => [`  ${trigger.text}`, [`  ${trigger.severity} → ${trigger.action}`, 'dim']],
    ),
  ]
}

function messageLines(plan: Plan): readonly Line[] {
  if (plan.messages.length === 0) return []
  return [
    [],
    [['Messages', 'strong']],
    ...messageRows(plan).map(({ on, to, when, notes }): Line => {
      const said = [...notes, ...(when === null ? [] : [`only if ${when}`])].join(', ')
      return [`  ${on} → ${to}`, [said === '' ? '' : `  ${said}`, 'dim']]
    }),
  ]
}

function unreversedLines(plan: Plan): readonly Line[] {
  if (plan.unreversed.length === 0) return []
  const texts = plan.unreversed.map((id) => plan.steps.find((step) => step.id === id)?.text ?? id)
  return [[['! nobody takes back: ', 'warn'], texts.join(', ')]]
}

function depthOf(plan: Plan, step: StepPlan): number {
  const parent = plan.steps.find((one) => one.id === step.parent)
  return parent ? depthOf(plan, parent) + 1 : 0
}
