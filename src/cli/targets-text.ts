/** Targets as lines of a terminal: who holds each, what it does, how it ends, and who stands in line. */
import type { TargetView } from '../api/client-types.ts'
import type { Line, Tone } from './terminal/line.ts'
import { wrap } from './terminal/text.ts'

/** `14:05 UTC`, with the day if it is another than now's. */
export function clockText(at: number, now: number = Date.now()): string {
  const [day, time] = new Date(at).toISOString().split('T')
  const today = new Date(now).toISOString().slice(0, 10)
  return `${day === today ? '' : `${day} `}${time?.slice(0, 5)} UTC`
}

export function targetLines(targets: readonly TargetView[], now: number, width: number): readonly Line[] {
  return targets.flatMap((target, index) => [...(index === 0 ? [] : [[''] as Line]), ...linesOf(target, now, width)])
}

function linesOf({ name, serving, holder, line, withdrawn }: TargetView, now: number, width: number): readonly Line[] {
  const serves = serving === null ? '' : `, serves ${serving}`
  const say = (text: string, tone: Tone = 'plain', indent = 2): readonly Line[] =>
    wrap(text, Math.max(20, width - indent - 2)).map((part, row) => [
      ' '.repeat(row === 0 ? indent : indent + 2),
      [part, tone],
    ])
  return [
    [[name, 'strong'], holder === null ? [`  free${serves}`, 'good'] : [`  held${serves}`, 'warn']],
    ...(holder === null ? [] : [...say(holderText(holder, now)), ...say(nowText(holder)), ...say(holder.ends, 'dim')]),
    ...line.flatMap((start, at) => say(`${at + 1}. ${startText(start, now)}`, 'person')),
    ...withdrawn
      .slice(0, 3)
      .flatMap((gone) => say(`left the line: ${gone.release} at ${clockText(gone.at, now)}: ${gone.why}`, 'dim')),
  ]
}

type Holder = NonNullable<TargetView['holder']>

function holderText({ release, phase, service, version, environment, since, startedBy }: Holder, now: number): string {
  const forPhase = phase === null ? '' : ` for "${phase}"`
  return `by ${release}${forPhase}: ${service} ${version} → ${environment}, since ${clockText(since, now)}, started by ${startedBy}`
}

function nowText({ now, who }: Holder): string {
  return `now: ${now}${who === null ? '' : ` (waits for ${who})`}`
}

function startText({ release, version, by, say, since, until }: TargetView['line'][number], now: number): string {
  const leaves = until === null ? '' : `, leaves at ${clockText(until, now)}`
  return `${release}: ${version} of ${by}, ${say}, since ${clockText(since, now)}${leaves}`
}
