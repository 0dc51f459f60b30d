/** What became of each step in one line beside it: outcome, who, when, value, and where its evidence lies. */
import type { Evidence } from '../core/release/events.ts'
import { fieldWords } from '../core/release/fields.ts'
import { visible } from './escape.ts'
import { marks } from './markdown-steps.ts'
import type { ReleaseRecord, StepRecord } from './record.ts'
import type { RowsView } from './view.ts'
import { phasesAsTheyStand, type ToldStep } from './unfinished.ts'
import { countWords, dateWords } from './words.ts'

/** `line` is the step's line in the plan's document. */
export interface StepResult {
  readonly line: number
  /** Only what has passed is ticked: what was waived or does not apply says so instead. */
  readonly isTicked: boolean
  /** One line of HTML; '' = nothing beside its box. */
  readonly html: string
  /** The same with the words of the step, for where none of its own stand. */
  readonly named: string
}

/** Steps of phases that nothing called for keep their boxes. */
export function resultsOf({ view, steps }: ReleaseRecord): readonly StepResult[] {
  return phasesAsTheyStand(view)
    .filter(({ status }) => status !== 'not run')
    .flatMap((phase) => phase.steps)
    .map((step) => {
      const isSaid = step.word === 'group' && step.state === 'passed'
      const parts = partsOf(step, steps[step.id], view.tables)
      const [html, named] = isSaid ? ['', ''] : [small(parts), small([escaped(step.text), ...parts])]
      return { line: step.line, isTicked: step.state === 'passed', html, named }
    })
}

/** The last line: which release these results are of, and how to know that they are. */
export function closingOf({ view, head }: ReleaseRecord): string {
  const { facts, decision, bar } = view
  return small([
    escaped(`${facts.service} ${facts.releaseVersion} to ${facts.environment}: ${decision?.sentence ?? bar.now}`),
    escaped(`release ${view.release}`),
    `started by ${escaped(facts.startedBy.id)} ${dateWords(facts.startedAt)}`,
    `log of ${countWords(head.version, 'event')}, head ${escaped(head.hash)}`,
  ])
}

function small(parts: readonly string[]): string {
  return `<sub>${parts.filter((part) => part !== '').join(' · ')}</sub>`
}

function partsOf(
  step: ToldStep,
  record: StepRecord | undefined,
  tables: ReleaseRecord['view']['tables'],
): readonly string[] {
  const values = Object.entries(record?.fields ?? {}).map(
    ([name, value]) => `${escaped(name)} = ${escaped(fieldWords(record?.fieldTypes[name], value))}`,
  )
  const who = record?.closedBy ?? ''
  const when = record?.closedAt ?? step.since
  return [
    `${marks[step.state]} ${step.state}`,
    escaped(who),
    when === null ? '' : dateWords(when),
    escaped(saidBesides(step.say, who)),
    ...values,
    ...tables.filter((table) => table.step === step.id).map(rowWords),
    ...(record?.evidence ?? []).map(evidenceLink),
  ]
}

/** In one line: a table would be an item of its own when the document is read again. */
function rowWords({ label, columns, rows }: RowsView): string {
  const told = rows.map(({ id, cells }) => {
    const filled = cells.flatMap((cell, at) => (cell === '' ? [] : [`${columns[at]?.label ?? ''}: ${cell}`]))
    return `(${id}) ${filled.join(', ')}`
  })
  return escaped(`${label}: ${told.join('; ') || 'no row'}`)
}

/** Who answered and what stands beside it already. */
function saidBesides(say: string, who: string): string {
  const known = `${who} answered passed`
  return who !== '' && say.startsWith(known) ? say.slice(known.length).replace(/^: /, '') : say
}

/** As in an unpacked bundle, where evidence lies in a folder beside the document. */
function evidenceLink({ name, sha256, truncated }: Evidence): string {
  return `<a href="evidence/${sha256}">${escaped(name)}</a>${truncated ? ' (cut)' : ''}`
}

/** One line that shows exactly `text`: no markup, no end of a comment, and nobody is called by an `@`. */
function escaped(text: string): string {
  return visible(text)
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/(?<![\w.+-])@(?=\w)/g, '@<!-- -->')
}
