/** What all benches share: a goal is a ratio to a baseline of the same run, printed, never a failing test. */

import { readFileSync } from 'node:fs'

export interface Measured {
  readonly value: number
  readonly baseline: number
  readonly unit: string
  /** Greatest ratio that meets the goal; with `atLeast`, the smallest. */
  readonly goal: number
  readonly atLeast?: boolean
}

export function report(name: string, { value, baseline, unit, goal, atLeast = false }: Measured): void {
  const ratio = value / baseline
  const met = atLeast ? ratio >= goal : ratio <= goal
  const words = `${ratio.toFixed(2)} x (goal ${atLeast ? '>=' : '<='} ${goal} x): ${round(value)} ${unit} beside ${round(baseline)} ${unit}`
  process.stdout.write(`${met ? 'met   ' : 'missed'} ${name}: ${words}\n`)
}

/** The median of a baseline that stood still: where it moved by more than twofold, a ratio to it says nothing. */
export function steadyMedian(name: string, values: readonly number[]): number {
  const moved = Math.max(...values) / Math.min(...values)
  if (moved > 2)
    throw new Error(`${name} moved by ${moved.toFixed(1)} x during the run: the machine is too busy to say anything`)
  return median(values)
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (found === undefined) throw new Error('bug: nothing was measured')
  return found
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}

/** Resident memory of a process; shared pages of the node program itself are in it. */
export function residentMiB(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kibibytes === undefined) throw new Error(`process ${pid} tells no resident memory`)
  return Number(kibibytes) / 1024
}
