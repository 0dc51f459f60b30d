/** What every table that people change while a release runs has in common: rows known by their number. */

import { longestCell } from '../plan/row-limits.ts'

/** The row takes the place of the one with its number, or comes last. */
export function withRow<Row extends { readonly id: string }>(rows: readonly Row[], row: Row): readonly Row[] {
  return rows.some(({ id }) => id === row.id) ? rows.map((one) => (one.id === row.id ? row : one)) : [...rows, row]
}

/** One above the highest number there is. */
export function nextRowId(rows: readonly { readonly id: string }[]): string {
  return String(Math.max(0, ...rows.map(({ id }) => Number(id) || 0)) + 1)
}

/** `; its rows are 1, 2`. */
export function rowNumbers(rows: readonly { readonly id: string }[]): string {
  return rows.length === 0 ? 'none yet' : rows.map(({ id }) => id).join(', ')
}

/** What a person typed into a cell, as one line. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, longestCell)
}
