/** The byte form of sample batches: what is stored, exported and digested by `MeasurementsRecorded`. */
import type { SampleBatch } from '../judge/verdict.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'

/** One line of canonical JSON. Numbers that JSON cannot hold become `{"number":"Infinity"}`. */
export function batchLine(batch: SampleBatch): string {
  return canonicalJson(spell(batch))
}

export function batchFromLine(line: string): SampleBatch {
  return JSON.parse(line, (_key, value: unknown) => readNumber(value)) as SampleBatch
}

/** sha-256 (hex) over the batches' lines in order, each ended by a line feed: `sha256sum` of that part of an export. */
export function measurementsDigest(batches: readonly SampleBatch[]): string {
  return sha256Hex(batches.map((batch) => `${batchLine(batch)}\n`).join(''))
}

function spell(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { number: String(value) }
  if (Array.isArray(value)) return value.map(spell)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, spell(member)]))
}

const unspeakable: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity }

function readNumber(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const keys = Object.keys(value)
  const spelled = (value as { number?: unknown }).number
  if (keys.length !== 1 || typeof spelled !== 'string') return value
  return unspeakable[spelled] ?? value
}
