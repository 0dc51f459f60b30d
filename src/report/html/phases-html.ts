/** Every step with its result, in the order of the checklist. */
import { fieldWords } from '../../core/release/fields.ts'
import type { ReleaseRecord, StepRecord } from '../record.ts'
import type { RowsView } from '../view.ts'
import { marks } from '../markdown-steps.ts'
import { phasesAsTheyStand, type ToldPhase, type ToldStep } from '../unfinished.ts'
import { clockWords, countWords, dateWords, durationWords } from '../words.ts'
import { element, type Markup } from './element.ts'
import { section, table } from './sections-html.ts'

const tones: Readonly<Record<string, string>> = {
  passed: 'good',
  failed: 'bad',
  errored: 'bad',
  blocked: 'bad',
  unknown: 'bad',
  inconclusive: 'person',
  waived: 'person',
}

export function phaseSections({ view, steps }: ReleaseRecord): readonly Markup[] {
  return phasesAsTheyStand(view)
    .filter((phase) => phase.status !== 'not run' && phase.steps.length > 0)
    .map((phase) =>
      section(
        phase.title,
        element('p', { class: 'hint' }, phaseWords(phase)),
        element(
          'ul',
          { class: 'steps' },
          phase.steps.map((step) =>
            stepLine(
              step,
              steps[step.id],
              view.tables.filter((table) => table.step === step.id),
            ),
          ),
        ),
      ),
    )
}

function phaseWords({ kind, status, openedAt, closedAt, why }: ToldPhase): string {
  const begun = openedAt === null ? '' : `, begun ${dateWords(openedAt)}`
  const took = openedAt === null || closedAt === null ? '' : `, took ${durationWords(closedAt - openedAt)}`
  return `${kind}, ${status}${begun}${took}${why === '' ? '' : `: ${why}`}`
}

function stepLine(step: ToldStep, record: StepRecord | undefined, tables: readonly RowsView[]): Markup {
  const by = record?.closedAt == null ? '' : `${record.closedBy ?? ''} ${dateWords(record.closedAt)}`.trim()
  const about = [by, step.say].filter((part) => part !== '').join(' · ')
  return element(
    'li',
    { class: `${tones[step.state] ?? 'quiet'} d${Math.min(step.depth, 3)}` },
    element('span', { class: 'state' }, `${marks[step.state]} ${step.state}`),
    element(
      'div',
      { class: 'text' },
      step.text,
      about !== '' && element('p', { class: 'hint' }, about),
      detailsOf(record).map((line) => element('p', { class: 'hint' }, line)),
      tables.map(rowsTable),
    ),
  )
}

function rowsTable({ label, say, columns, rows }: RowsView): readonly Markup[] {
  return [
    element('p', { class: 'hint' }, `${label}, ${say}`),
    table(
      ['Row', ...columns.map((column) => column.label)],
      rows.map(({ id, cells }) => [id, ...cells]),
    ),
  ]
}

function detailsOf(record: StepRecord | undefined): readonly string[] {
  if (!record) return []
  const fields = Object.entries(record.fields).map(
    ([name, value]) => `${name} = ${fieldWords(record.fieldTypes[name], value)}`,
  )
  const tries = record.attempts.length > 1 ? record.attempts : []
  const attempts = tries.map(
    ({ purpose, outcome, startedAt, say }) =>
      `${purpose} at ${clockWords(startedAt)} UTC: ${outcome ?? 'running'}${say === '' ? '' : `: ${say}`}`,
  )
  const evidence = record.evidence.map(
    ({ name, sha256, size, truncated }) =>
      `evidence ${name}, ${countWords(size, 'byte')}${truncated ? ', cut' : ''}, sha-256 ${sha256}`,
  )
  return [...fields, ...attempts, ...evidence]
}
