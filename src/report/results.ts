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
}

/** Steps of phases that nothing called for keep their boxes. */
export function resultsOf({ view, steps }: ReleaseRecord): readonly StepResult[] {
  return phasesAsTheyStand(view)
    .filter(({ status }) => status !== 'not run')
    .flatMap((phase) => phase.steps)
    .map((step) => ({
      line: step.line,
      isTicked: step.state === 'passed',
      html: step.word === 'group' && step.state === 'passed' ? '' : small(partsOf(step, steps[step.id], view.tables)),
    }))
}

/** The last line: which release these results are of, and how to know that they are. */
export function closingOf({ view, head }: ReleaseRecord): string {
  const { facts, decision, bar } = view
  return small([
    html(`${facts.service} ${facts.releaseVersion} to ${facts.environment}: ${decision?.sentence ?? bar.now}`),
    html(`release ${view.release}`),
    `started by ${html(facts.startedBy.id)} ${dateWords(facts.startedAt)}`,
    `log of ${countWords(head.version, 'event')}, head ${html(head.hash)}`,
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
    ([name, value]) => `${html(name)} = ${html(fieldWords(record?.fieldTypes[name], value))}`,
  )
  const who = record?.closedBy ?? ''
  const when = record?.closedAt ?? step.since
  return [
    `${marks[step.state]} ${step.state}`,
    html(who),
    when === null ? '' : dateWords(when),
    html(saidBesides(step.say, who)),
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
  return html(`${label}: ${told.join('; ') || 'no row'}`)
}

/** Who answered and what stands beside it already. */
function saidBesides(say: string, who: string): string {
  const known = `${who} answered passed`
  return who !== '' && say.startsWith(known) ? say.slice(known.length).replace(/^: /, '') : say
}

/** As in an unpacked bundle, where evidence lies in a folder beside the document. */
function evidenceLink({ name, sha256, truncated }: Evidence): string {
  return `<a href="evidence/${sha256}">${html(name)}</a>${truncated ? ' (cut)' : ''}`
}

/** One line that shows exactly `text`: no markup, no end of a comment, and nobody is called by an `@`. */
function html(text: string): string {
  return visible(text)
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/(?<![\w.+-])@(?=\w)/g, '@<!-- -->')
}
