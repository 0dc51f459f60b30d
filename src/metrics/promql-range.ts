/** A query over a row of instants in the past: asked in pieces that a server accepts, answered instant by instant. */
import { z } from 'zod'
import type { Instant, Millis } from '../core/units.ts'
import type { Answer } from './answer.ts'
import { finiteNumber, notFinite, nothing, readResult, type Series, type Vector } from './promql-answer.ts'

export interface Grid {
  readonly first: Instant
  readonly everyMs: Millis
  readonly points: number
}

/** A server refuses more than 11,000 points of one series; fewer keep each answer small. */
const mostPoints = 2000

export function piecesOf({ first, everyMs, points }: Grid): readonly Grid[] {
  const count = Math.ceil(points / mostPoints)
  return Array.from({ length: count }, (_, i) => ({
    first: first + i * mostPoints * everyMs,
    everyMs,
    points: Math.min(mostPoints, points - i * mostPoints),
  }))
}

export function rangeForm(text: string, { first, everyMs, points }: Grid): string {
  return new URLSearchParams({
    query: text,
    start: (first / 1000).toFixed(3),
    end: ((first + (points - 1) * everyMs) / 1000).toFixed(3),
    step: String(everyMs / 1000),
  }).toString()
}

const matrixShape = z.array(
  z.object({
    metric: z.record(z.string(), z.string()),
    values: z.array(z.tuple([z.number(), z.string()])).default([]),
    histograms: z.array(z.unknown()).optional(),
  }),
)

/** One answer for each instant of the grid. */
export function readRange(answer: Answer, grid: Grid): readonly Vector[] {
  const all = (why: string): readonly Vector[] =>
    Array.from({ length: grid.points }, () => ({ kind: 'no-data', why }) as const)
  const read = readResult(answer)
  if (read.kind === 'no-data') return all(read.why)
  if (read.type !== 'matrix') return all(`answered with a ${read.type}, a range of numbers expected`)
  const rows = matrixShape.safeParse(read.result)
  if (!rows.success) return all('answered with JSON that is no query result')
  if (rows.data.some(({ histograms }) => histograms !== undefined))
    return all('answered with native histograms, numbers expected')
  return vectorsOf(rows.data, grid)
}

function vectorsOf(rows: z.infer<typeof matrixShape>, grid: Grid): readonly Vector[] {
  const series: Series[][] = Array.from({ length: grid.points }, () => [])
  const wrong = new Map<number, string>()
  for (const { metric, values } of rows) {
    for (const [seconds, text] of values) {
      // Some servers move the grid to whole steps; all points move alike, and the past is as good a moment earlier.
      const place = Math.round((seconds * 1000 - grid.first) / grid.everyMs)
      const value = finiteNumber(text)
      if (value === null) wrong.set(place, notFinite(text))
      else series[place]?.push({ labels: metric, value })
    }
  }
  return series.map((found, place): Vector => {
    const why = wrong.get(place) ?? (found.length === 0 ? nothing : null)
    return why === null ? { kind: 'series', series: found } : { kind: 'no-data', why }
  })
}
