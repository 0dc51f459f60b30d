/** Targets as lines of a terminal: who holds each, what it does, how it ends, and who stands in line. */
import type { TargetView } from '../api/client-types.ts'
import type { Line } from './terminal/line.ts'

/** `14:05 UTC`, with the day if it is another than now's. */
export function agoText(at: number, now: number = Date.now()): string {
  const [day, time] = new Date(at).toISOString().split('T')
  const today = new Date(now).toISOString().slice(0, 10)
  return `${day === today ? '' : `${day} `}${time?.slice(0, 5)} UTC`
}

export function targetLines(targets: readonly TargetView[], now: number): readonly Line[] {
  return targets.flatMap((target, index) => [...(index === 0 ? [] : [[''] as Line]), ...linesOf(target, now)])
}

function linesOf({ name, serving, holder, line, withdrawn }: TargetView, now: number): readonly Line[] {
  const serves = serving === null ? '' : `, serves ${serving}`
  return [
    [[name, 'strong'], holder === null ? [`  free${serves}`, 'good'] : [`  held${serves}`, 'warn']],
    ...(holder === null ? [] : holderLines(holder, now)),
    ...line.map(
      (start): Line => [
        '  ',
        [start.release, 'person'],
        `  ${start.version} of ${start.by}, ${start.say}, since ${agoText(start.since, now)}`,
        start.until === null ? '' : `, until ${agoText(start.until, now)}`,
      ],
    ),
    ...withdrawn
      .slice(0, 3)
      .map((gone): Line => [[`  left the line: ${gone.release} ${agoText(gone.at, now)}, ${gone.why}`, 'dim']]),
  ]
}

function holderLines(holder: NonNullable<TargetView['holder']>, now: number): readonly Line[] {
  const phase = holder.phase === null ? '' : ` for "${holder.phase}"`
  return [
    [
      `  by `,
      [holder.release, 'strong'],
      `${phase}, ${holder.service} ${holder.version} → ${holder.environment}, since ${agoText(holder.since, now)}, started by ${holder.startedBy}`,
    ],
    [`  now: ${holder.now}`, holder.who === null ? '' : ` (waits for ${holder.who})`],
    [[`  ${holder.ends}`, 'dim']],
  ]
}
