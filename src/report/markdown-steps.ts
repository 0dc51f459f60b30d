/** Every step of a release with its result, in the order of the checklist. */
import { fieldWords } from '../core/release/fields.ts'
import type { Evidence } from '../core/release/events.ts'
import type { AttemptState } from '../core/release/state.ts'
import { code, md } from './escape.ts'
import type { ReleaseRecord, StepRecord } from './record.ts'
import type { RowsView, StepWord } from './view.ts'
import { phasesAsTheyStand, type ToldPhase, type ToldStep, type Unfinished } from './unfinished.ts'
import { clockWords, countWords, dateWords, durationWords } from './words.ts'

export function stepSections({ view, steps }: ReleaseRecord): readonly string[] {
  return phasesAsTheyStand(view)
    .filter(({ status }) => status !== 'not run')
    .filter((phase) => phase.steps.length > 0)
    .map((phase) => phaseSection(phase, steps, view.tables))
}

function phaseSection(phase: ToldPhase, records: ReleaseRecord['steps'], tables: readonly RowsView[]): string {
  const times =
    phase.openedAt === null
      ? ''
      : `, begun ${dateWords(phase.openedAt)}${phase.closedAt === null ? '' : `, took ${durationWords(phase.closedAt - phase.openedAt)}`}`
  const why = phase.why === '' ? '' : `: ${md(phase.why)}`
  const head = `## ${md(phase.title)}\n\n${phase.kind}, ${phase.status}${times}${why}`
  return `${head}\n\n${phase.steps.map((step) => stepLines(step, records[step.id], tables)).join('\n')}`
}

/** Words besides marks: no outcome is told by a sign alone. */
export const marks: Readonly<Record<StepWord | Unfinished, string>> = {
  'not reached': '·',
  'not finished': '·',
  passed: '✔',
  failed: '✖',
  errored: '✖',
  inconclusive: '?',
  unknown: '?',
  blocked: '✖',
  waived: '~',
  'not applicable': '–',
  waiting: '·',
  running: '·',
  stale: '·',
  held: '·',
  'needs a person': '·',
}

function stepLines(step: ToldStep, record: StepRecord | undefined, tables: readonly RowsView[]): string {
  const indent = '  '.repeat(step.depth)
  const result = [`${marks[step.state]} **${step.state}**`, who(record), md(step.say)]
    .filter((part) => part !== '')
    .join(' · ')
  const lines = [
    `${indent}- ${md(step.text)}`,
    `${indent}  <br>${result}`,
    ...fieldLines(record).map((line) => `${indent}  - ${line}`),
    ...(record?.attempts ?? []).map((attempt) => `${indent}  - ${attemptLine(attempt)}`),
    ...answerEvidence(record).map((evidence) => `${indent}  - ${evidenceWords(evidence)}`),
    ...tables.filter((table) => table.step === step.id).flatMap((table) => rowLines(table, `${indent}  `)),
  ]
  return lines.join('\n')
}

function who(record: StepRecord | undefined): string {
  if (!record?.closedAt) return ''
  return `${md(record.closedBy ?? '')} ${dateWords(record.closedAt)}`.trim()
}

function fieldLines(record: StepRecord | undefined): readonly string[] {
  return Object.entries(record?.fields ?? {}).map(
    ([name, value]) => `${md(name)} = ${md(fieldWords(record?.fieldTypes[name], value))}`,
  )
}

/** Inside the item of its step. */
function rowLines({ label, columns, rows, say }: RowsView, indent: string): readonly string[] {
  const line = (cells: readonly string[]): string => `${indent}| ${cells.join(' | ')} |`
  return [
    '',
    `${indent}**${md(label)}**, ${md(say)}`,
    '',
    line(['Row', ...columns.map((column) => md(column.label))]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map(({ id, cells }) => line([md(id), ...cells.map(md)])),
    '',
  ]
}

function attemptLine({ purpose, outcome, settled, startedAt, finishedAt, say, evidence, id }: AttemptState): string {
  const took = finishedAt === null ? 'not finished' : `took ${durationWords(finishedAt - startedAt)}`
  const ending = settled === null ? (outcome ?? 'running') : `${outcome ?? 'running'}, settled as ${settled}`
  const proof = evidence.map(evidenceWords).join('; ')
  return [`${purpose} ${code(id)} at ${clockWords(startedAt)} UTC, ${took}: ${ending}`, md(say), proof]
    .filter((part) => part !== '')
    .join(' · ')
}

/** Evidence that came with an answer; what attempts left stands beside them. */
function answerEvidence(record: StepRecord | undefined): readonly Evidence[] {
  if (!record) return []
  const ofAttempts = new Set(record.attempts.flatMap(({ evidence }) => evidence.map(({ sha256 }) => sha256)))
  return record.evidence.filter(({ sha256 }) => !ofAttempts.has(sha256))
}

function evidenceWords({ name, sha256, size, truncated }: Evidence): string {
  return `${md(name)} ${code(sha256)} (${countWords(size, 'byte')}${truncated ? ', cut' : ''})`
}
