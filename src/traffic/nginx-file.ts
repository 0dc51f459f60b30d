/** The include file of nginx that carries the weight: its text. */
import type { WeightPercent } from '../core/units.ts'
import { ownerLine } from './owned-file.ts'

export interface WeightFile {
  readonly variable: string
  readonly key: string
  readonly stable: string
  readonly canary: string
}

/** One file defines both the split and the number that nginx shows of itself: what it shows is what it splits by. */
export function textOf(file: WeightFile, percent: WeightPercent, epoch: number, attempt: string): string {
  const rows =
    percent === 0
      ? [`  * ${file.stable};`]
      : percent === 100
        ? [`  * ${file.canary};`]
        : [`  ${percent}% ${file.canary};`, `  * ${file.stable};`]
  return [
    ownerLine(percent, epoch, attempt),
    `split_clients "${file.key}" $${file.variable} {`,
    ...rows,
    '}',
    `map "" $${file.variable}_weight {`,
    `  default "${percent}";`,
    '}',
    '',
  ].join('\n')
}
