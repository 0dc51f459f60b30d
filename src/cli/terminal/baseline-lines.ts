/** The baselines of a release as a table in the terminal. */
import type { ReleaseView } from '../../report/view.ts'
import type { Line } from './line.ts'
import { tableLines } from './table.ts'

export function baselineLines({ baselines }: ReleaseView, width: number): readonly Line[] {
  return tableLines(
    ['BASELINE', 'VALUE', 'MEDIAN', 'P95', 'SAMPLES', 'FROM'],
    baselines.map(({ label, value, take, median, p95, samples, source }) => ({
      cells: [
        label,
        `${value ?? 'none'}${value && take ? ` (${take})` : ''}`,
        median ?? '',
        p95 ?? '',
        samples ?? '',
        source,
      ],
      tone: value === null ? 'warn' : 'plain',
    })),
    width,
  )
}
