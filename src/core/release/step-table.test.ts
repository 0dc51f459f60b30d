import { expect, test } from 'vitest'
import { freshStep } from './evolve-start.ts'
import { StepTable } from './step-table.ts'

const closed = { how: 'passed', at: 1, why: '' } as const
const ids = Array.from({ length: 100 }, (_, index) => `s${index}`)

test('closed steps are counted the same, whether they stand together or not', () => {
  const isClosed = (index: number) => index % 3 === 0
  const table = ids
    .filter((_, index) => isClosed(index))
    .reduce((before, id) => before.with({ ...freshStep(id), closed }), StepTable.of(ids.map(freshStep)))
  const counted = (from: number, to: number) => ids.slice(from, to).filter((_, at) => isClosed(from + at)).length
  for (const [from, to] of [
    [0, 100],
    [0, 32],
    [5, 9],
    [31, 65],
    [64, 100],
    [99, 100],
  ] as const)
    expect(table.closedAmong(ids.slice(from, to))).toBe(counted(from, to))
  const scattered = ids.filter((_, index) => index % 2 === 0)
  expect(table.closedAmong(scattered)).toBe(scattered.filter((id) => table.get(id)?.closed != null).length)
  expect(table.closedAmong([])).toBe(0)
})

test('the first open step is the first in the order of the checklist that was reached and is not closed', () => {
  const table = StepTable.of(ids.map(freshStep))
  expect(table.firstOpen).toBeUndefined()
  const reached = table.with({ ...freshStep('s70'), reachedAt: 1 }).with({ ...freshStep('s40'), reachedAt: 1 })
  expect(reached.firstOpen?.id).toBe('s40')
  expect(reached.with({ ...freshStep('s40'), reachedAt: 1, closed }).firstOpen?.id).toBe('s70')
})
