/** Each state's icon and tone: never colour alone, never an icon without its word nearby. */
import type { Verdict } from '../../core/judge/verdict.ts'
import type { StepWord, Tally } from '../../report/view.ts'
import type { Line, Span, Tone } from './line.ts'

export interface Sign {
  readonly icon: string
  readonly tone: Tone
}

export const signs: Readonly<Record<StepWord, Sign>> = {
  passed: { icon: '✔', tone: 'good' },
  failed: { icon: '✖', tone: 'bad' },
  errored: { icon: '‼', tone: 'bad' },
  unknown: { icon: '?', tone: 'bad' },
  inconclusive: { icon: '≈', tone: 'warn' },
  blocked: { icon: '⊘', tone: 'warn' },
  running: { icon: '…', tone: 'busy' },
  'needs a person': { icon: '☛', tone: 'person' },
  stale: { icon: '↻', tone: 'warn' },
  held: { icon: '‖', tone: 'warn' },
  waived: { icon: '≀', tone: 'warn' },
  'not applicable': { icon: '–', tone: 'dim' },
  waiting: { icon: '◌', tone: 'dim' },
}

/** The three zones of a verdict, each with its word. */
export const zoneSigns: Readonly<Record<Verdict['zone'], Sign>> = {
  go: { icon: '✔ go', tone: 'good' },
  hold: { icon: '‖ hold', tone: 'warn' },
  rollback: { icon: '✖ rollback', tone: 'bad' },
}

const order: readonly StepWord[] = [
  'passed',
  'failed',
  'errored',
  'unknown',
  'inconclusive',
  'blocked',
  'running',
  'needs a person',
  'stale',
  'held',
  'waived',
  'not applicable',
  'waiting',
]

/** `✔ 12 ✖ 1 … 3 ◌ 9`. */
export function tallyLine(tally: Tally): Line {
  const spans: Span[] = []
  for (const word of order) {
    const count = tally[word] ?? 0
    if (count === 0) continue
    const { icon, tone } = signs[word]
    spans.push([`${spans.length > 0 ? ' ' : ''}${icon} ${count}`, tone])
  }
  return spans
}

export function signSpan(word: StepWord): Span {
  const { icon, tone } = signs[word]
  return [icon, tone]
}
