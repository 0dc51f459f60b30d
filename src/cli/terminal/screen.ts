/** A whole view as lines: the bounded live region of `run` and `watch`, and the full page of `release show`. */
import type { ReleaseView } from '../../report/view.ts'
import { durationWords } from '../../report/words.ts'
import { baselineLines } from './baseline-lines.ts'
import { issueLines } from './issue-lines.ts'
import { rowLines } from './row-lines.ts'
import type { Line, Paper } from './line.ts'
import { paint } from './line.ts'
import { barLines, decisionLine, factLines, messageTroubleLines, waitCommandLines, waitLines } from './parts.ts'
import { rolloutPanel, watchPanel } from './rollout-panel.ts'
import { cut, visible, widthOf } from './text.ts'
import { timeLines } from './time-lines.ts'
import { treeLines } from './tree.ts'
import { watchTableLines } from './watch-lines.ts'

export interface Screen extends Paper {
  readonly height: number
  /** The line of keys; null where nobody can press any. */
  readonly keys: string | null
}

/** Beyond this an eye loses the line between a step and what stands at the right edge. */
const WIDEST = 140

function readable({ width }: Paper): number {
  return Math.min(width, WIDEST)
}

/** At most `height` lines, most needed first: the bar, what waits for people, the rollout, then the checklist. */
export function liveRegion(view: ReleaseView, screen: Screen): readonly string[] {
  const { height } = screen
  const width = readable(screen)
  const top: readonly Line[] = [ruleLine(view, width), ...barLines(view.bar, view.at, width)]
  const bottom: readonly Line[] = screen.keys === null ? [] : [[[` ${screen.keys}`, 'dim']]]
  let room = height - top.length - bottom.length
  const waits = view.waitsFor.length > 0 ? waitLines(view, width, Math.max(1, Math.min(6, Math.floor(room / 3)))) : []
  room -= waits.length
  const panel = fittingPanel(view, width, Math.max(0, room - 2))
  room -= panel.length
  const trouble = messageTroubleLines(view).slice(0, room > 6 ? 2 : 0)
  room -= trouble.length
  const tree = treeLines(view, { width, show: 'unfinished', room: Math.max(0, room) })
  return [...top, ...tree, ...panel, ...trouble, ...waits, ...bottom]
    .slice(0, height)
    .map((line) => paint(line, screen))
}

/** Everything about a release, for reading and for pipes. */
export function page(view: ReleaseView, paper: Paper): readonly string[] {
  const width = readable(paper)
  const blank: Line = []
  const waits = waitCommandLines(view)
  const panels = panelLines(view, width, true)
  const watchTable = watchTableLines(view, width)
  const baselines = baselineLines(view, width)
  const issues = issueLines(view.knownIssues, width)
  const tables = rowLines(view.tables, width)
  const lines: readonly Line[] = [
    ...barLines(view.bar, view.at, width),
    blank,
    ...factLines(view.release, view.facts, width),
    ...timeLines(view),
    blank,
    ...treeLines(view, { width, show: 'all', room: Number.POSITIVE_INFINITY }),
    ...(panels.length > 0 ? [blank, ...panels] : []),
    ...(watchTable.length > 0 ? [blank, ...watchTable] : []),
    ...(baselines.length > 0 ? [blank, ...baselines] : []),
    ...(issues.length > 0 ? [blank, ...issues] : []),
    ...(tables.length > 0 ? [blank, ...tables] : []),
    ...(messageTroubleLines(view).length > 0 ? [blank, ...messageTroubleLines(view)] : []),
    ...(view.decision ? [blank, decisionLine(view.decision)] : []),
  ]
  const wide = { ...paper, width: Number.POSITIVE_INFINITY }
  const commands = waits.length > 0 ? ['', 'Waits for', ...waits.map((line) => paint(line, wide))] : []
  return [...lines.map((line) => paint(line, paper)), ...commands]
}

function ruleLine(view: ReleaseView, width: number): Line {
  const { facts } = view
  const elapsed = ` ${durationWords((facts.endedAt ?? view.at) - facts.startedAt)} ──`
  const about = `── ${facts.service} ${facts.releaseVersion} → ${facts.environment}${facts.rehearsal ? ' (rehearsal)' : ''}${facts.drill === undefined ? '' : ' (drill)'} `
  const title = cut(visible(about), Math.max(4, width - widthOf(elapsed)))
  return [[`${title}${'─'.repeat(Math.max(0, width - widthOf(title) - widthOf(elapsed)))}${elapsed}`, 'dim']]
}

/** With the pictures of what is compared where there is room for all of them; the numbers and the verdict come first. */
function fittingPanel(view: ReleaseView, width: number, room: number): readonly Line[] {
  const whole = panelLines(view, width, true)
  return whole.length <= room ? whole : panelLines(view, width, false).slice(0, room)
}

/** Rollouts that have begun and are not done, and watches that go on. */
function panelLines(view: ReleaseView, width: number, compared: boolean): readonly Line[] {
  const rollouts = view.rollouts.filter(
    (rollout) => rollout.stage >= 0 && (rollout.doing !== 'done' || view.phase === 'rolling-back'),
  )
  const watches = view.watches.filter((watch) => !watch.observed.ended)
  return [
    ...rollouts.flatMap((rollout) => rolloutPanel(rollout, width, compared)),
    ...watches.flatMap((watch) => watchPanel(watch, width, compared)),
  ]
}
