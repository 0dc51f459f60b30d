/** How the numbers of a record went, time after time: one line each with its smallest, usual and newest value. */
import type { LedgerRecord } from '../core/ports/store.ts'
import { factOf } from '../core/records/fit.ts'
import { durationWords } from '../report/words.ts'
import { visible } from './terminal/text.ts'

const bars = '▁▂▃▄▅▆▇█'
const MOST = 24

/** Facts that are times; everything else is a plain number. */
const times = /^(took|recovery|.*(?:-age|_age|-time|_time|seconds))$/

/** Oldest first. Nothing where nothing was measured twice. */
export function trendLines(records: readonly LedgerRecord[]): readonly string[] {
  const sorted = records.toSorted((one, other) => one.observedAt - other.observedAt).slice(-MOST)
  const names = new Set(sorted.flatMap(({ facts = {} }) => Object.keys(facts)))
  return ['took', ...names].flatMap((name) => {
    const values = sorted.map((record) => factOf(record, name)).filter((value) => value !== null)
    return values.length < 2 ? [] : [trendLine(name, values)]
  })
}

function trendLine(name: string, values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const words = (value: number): string =>
    times.test(name) ? durationWords(value * 1000) : String(Number(value.toPrecision(6)))
  const picture = values.map((value) => bars[most === least ? 0 : Math.round(((value - least) / (most - least)) * 7)])
  const middle = values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
  return visible(
    `  ${name.padEnd(12)} ${picture.join('')}  last ${words(values.at(-1) ?? 0)}, usually ${words(middle)}, ${words(least)} to ${words(most)}`,
  )
}
