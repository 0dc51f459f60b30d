/** The release record as one HTML file that needs nothing else: no script, no request, and it prints. */
import { element, escaped, textOf } from './element.ts'
import { chartFigures } from './chart-svg.ts'
import type { Chart } from '../chart/chart.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { recordOf, type ReleaseLog, type ReleaseRecord, type ReportOptions } from '../record.ts'
import { namesOf } from '../timeline.ts'
import { phaseSections } from './phases-html.ts'
import { rolloutSection } from './rollouts-html.ts'
import {
  coverageSection,
  debtSection,
  exceptionSections,
  factList,
  followUpSection,
  incidentSection,
  knownIssueSection,
  messageSection,
  noteSection,
  recordSection,
  rollbackSection,
  signatureSection,
  timelineSection,
} from './sections-html.ts'
import { reportStyle } from './style.ts'

export interface HtmlOptions extends ReportOptions {
  /** Of rollouts and watches, by step; absent = no picture of the numbers. */
  readonly charts?: readonly Chart[]
}

/** Pure: the same state, events and options give the same bytes. Every text that is not ours is escaped. */
export function reportHtml(state: ReleaseState, events: ReleaseLog, options: HtmlOptions): string {
  const record = recordOf(state, events, options)
  const names = namesOf(state.plan)
  const title = `${record.view.facts.service} ${record.view.facts.releaseVersion} to ${record.view.facts.environment}`
  const body = element(
    'main',
    {},
    head(record),
    factList(record),
    coverageSection(record),
    incidentSection(record),
    knownIssueSection(record),
    rollbackSection(record),
    exceptionSections(record),
    debtSection(record),
    stepsOf(record).map((step) =>
      rolloutSection(
        record,
        names.step(step),
        step,
        (options.charts ?? []).filter((chart) => chart.step === step).flatMap(chartFigures),
      ),
    ),
    phaseSections(record),
    signatureSection(record, names),
    messageSection(record),
    followUpSection(record),
    noteSection(record, names),
    timelineSection(record),
    recordSection(record),
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escaped(title)}</title><style>${reportStyle}</style></head>
<body>${textOf(body)}</body></html>
`
}

function stepsOf({ observed }: ReleaseRecord): readonly string[] {
  return [...new Set(observed.map(({ step }) => step))]
}

function head({ view }: ReleaseRecord) {
  const { facts, decision, bar } = view
  const word = decision?.word ?? (view.phase === 'rolling-back' ? 'rolling back' : 'running')
  const tone = decision === null ? 'person' : decision.good ? 'good' : 'bad'
  return element(
    'header',
    {},
    element(
      'h1',
      {},
      `${facts.service} ${facts.releaseVersion} `,
      element('span', { class: 'to' }, `to ${facts.environment}`),
    ),
    element('p', { class: `verdict ${tone}` }, withWord(word, decision?.sentence ?? bar.now)),
    facts.andBack === true &&
      element('p', { class: 'hint' }, 'A rehearsal of the way back: brought out, and taken back at once.'),
    facts.rehearsal && element('p', { class: 'hint' }, 'A rehearsal: checks ran, actions and traffic did not.'),
    facts.drill !== undefined &&
      element('p', { class: 'hint' }, `A drill: only “${facts.drill}” of the checklist ran.`),
  )
}

/** A sentence often begins with the word itself. */
function withWord(word: string, sentence: string): string {
  return sentence.toLowerCase().startsWith(word) ? sentence : `${word}: ${sentence}`
}
