/** The last lines of a run: what was decided, how long it took, where the evidence is, and what to do next. */
import type { ReleaseView } from '../../report/view.ts'
import { countWords, durationWords, measuredWords } from '../../report/words.ts'
import { word } from '../../report/view/shell-word.ts'
import type { ExitCode } from '../faults.ts'
import type { Line, Paper } from '../terminal/line.ts'
import { paint } from '../terminal/line.ts'
import { decisionLine, messageTroubleLines, waitCommandLines } from '../terminal/parts.ts'
import { tallyLine } from '../terminal/states.ts'

export function summaryLines(
  release: string,
  view: ReleaseView | null,
  exit: ExitCode,
  paper: Paper,
): readonly string[] {
  // Commands are there to be copied: nothing here is cut.
  const wide = { ...paper, width: Number.POSITIVE_INFINITY }
  return lines(release, view, exit).map((line) => paint(line, wide))
}

/** Without commands to return by: a demo's engine is gone when it ends. */
export function scriptedSummary(view: ReleaseView | null, exit: ExitCode, paper: Paper): readonly string[] {
  if (exit === 130 || !view) return ['the demo was ended']
  const shown: readonly Line[] = [
    ...(view.decision ? [decisionLine(view.decision)] : []),
    ['  steps     ', ...tallyLine(view.tally)],
    ...rollbackLines(view),
  ]
  return shown.map((line) => paint(line, { ...paper, width: Number.POSITIVE_INFINITY }))
}

function lines(release: string, view: ReleaseView | null, exit: ExitCode): readonly Line[] {
  const id = word(release)
  if (exit === 130) return detached(id, view)
  if (!view) return []
  const steps: Line = ['  steps     ', ...tallyLine(view.tally)]
  if (exit === 3 || (exit === 1 && !view.decision)) return [...stopped(view, exit), steps, ...returning(id)]
  return [
    view.decision ? decisionLine(view.decision) : [view.bar.now],
    steps,
    ...rollbackLines(view),
    ...messageTroubleLines(view),
    ['  report    ', `holdpoint export ${id} --format md`],
    ['  evidence  ', `holdpoint export ${id} --format bundle`],
    ...nextStep(id, view),
  ]
}

function stopped(view: ReleaseView, exit: ExitCode): readonly Line[] {
  const head: Line =
    exit === 3
      ? [['☛ waits for people or for time', 'person'], `, after ${durationWords(view.at - view.facts.startedAt)}`]
      : [['✖ stopped', 'bad'], `: ${view.bar.now}`]
  return [head, ...waitCommandLines(view), ...(exit === 1 ? [stopCommand(view)] : [])]
}

function stopCommand(view: ReleaseView): Line {
  return [
    '      ',
    `holdpoint release abort ${word(view.release)} --reason WHY`,
    ['   # stop, and take back what was begun', 'dim'],
  ]
}

function returning(id: string): readonly Line[] {
  return [['  return    ', `holdpoint release watch ${id}`]]
}

function detached(id: string, view: ReleaseView | null): readonly Line[] {
  const how = view?.decision?.ended ? 'It has ended.' : 'The release goes on without this terminal.'
  return [
    [['detached. ', 'strong'], how],
    ['  return    ', `holdpoint release watch ${id}`],
    ['  stop it   ', `holdpoint release abort ${id} --reason WHY`],
  ]
}

function rollbackLines({ rollback, facts }: ReleaseView): readonly Line[] {
  if (!rollback) return []
  const parts = [
    rollback.trafficToRestore > 0
      ? `traffic ${rollback.trafficRestored} of ${rollback.trafficToRestore} back on stable`
      : '',
    rollback.toUndo > 0 ? `${rollback.undone} of ${countWords(rollback.toUndo, 'action')} taken back` : '',
    rollback.tookMs === null ? '' : `in ${measuredWords(rollback.tookMs)}`,
  ]
  const text = parts.filter((part) => part !== '').join(', ')
  return [
    ['  rollback  ', text === '' ? 'nothing had been begun' : text],
    ...(facts.andBack ? timeLines(rollback) : []),
  ]
}

const mostTimes = 20

/** A rehearsal is for its times. */
function timeLines({ steps }: NonNullable<ReleaseView['rollback']>): readonly Line[] {
  const more = steps.length - mostTimes
  return [
    ...steps
      .slice(0, mostTimes)
      .map(
        ({ text, tookMs, ok }): Line => ['            ', `${measuredWords(tookMs)}  ${text}${ok ? '' : ', failed'}`],
      ),
    ...(more > 0 ? [['            ', `and ${more} more, see the report`] as Line] : []),
  ]
}

function nextStep(id: string, view: ReleaseView): readonly Line[] {
  if (view.phase === 'rollback-failed') return waitCommandLines(view)
  if (view.decision && !view.decision.ended)
    return [['  next      ', `${view.bar.next ?? 'it is validating'}: holdpoint release watch ${id} --until closed`]]
  return []
}
