/** `release known-issue`: shows the tables of known issues of a release, and adds, changes or closes a row. */
import type { WireCommand } from '../../api/client-types.ts'
import type { KnownIssuesView, ReleaseView } from '../../report/view.ts'
import { askEngine } from '../ask-engine.ts'
import type { Run, Values } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { findTarget } from '../release-argument.ts'
import { issueLines } from '../terminal/issue-lines.ts'
import { paint } from '../terminal/line.ts'
import { flag, text } from '../values.ts'

const cells = ['issue', 'workaround', 'severity', 'target'] as const

export const knownIssue: Run = async (context, words, options) => {
  const client = await context.client()
  const { view, rest } = await findTarget(client, words, 1)
  const isChange = cells.some((cell) => text(options, cell) !== null) || flag(options, 'close')
  if (!isChange) return show(context, view)
  return askEngine(context, client, view, commandFor(tableOf(view, rest[0]), options))
}

function commandFor({ step }: KnownIssuesView, options: Values): WireCommand {
  const id = text(options, 'row')
  if (!flag(options, 'close')) {
    const [issue = null, workaround = null, severity = null, target = null] = cells.map((cell) => text(options, cell))
    return { kind: 'SetKnownIssue', step, id, issue, workaround, severity, target }
  }
  if (id === null)
    throw new UsageFault('expected --row with --close, for example --row 2 --close --reason "fixed in 2.0.1"')
  return { kind: 'CloseKnownIssue', step, id, why: text(options, 'reason') ?? '' }
}

function tableOf({ knownIssues }: ReleaseView, given: string | undefined): KnownIssuesView {
  const fitting =
    given === undefined
      ? knownIssues
      : knownIssues.filter(({ step, text: title }) => step === given || title.includes(given))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const names = knownIssues.map(({ step }) => step).join(', ')
  throw new UsageFault(
    knownIssues.length === 0 ? 'this release has no table of known issues' : `expected the step of one table: ${names}`,
  )
}

function show(context: Context, view: ReleaseView): 0 {
  const paper = context.paper()
  if (context.json) printJson(context, view.knownIssues)
  else if (view.knownIssues.length === 0) context.err('this release has no table of known issues')
  else for (const line of issueLines(view.knownIssues, paper.width)) context.out(paint(line, paper))
  return 0
}
