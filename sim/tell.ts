/** The history of a seed as lines, for whoever has to find out what went wrong. */
import type { StoredEvent } from '../src/core/ports/store.ts'
import type { ReleaseEvent } from '../src/core/release/events.ts'
import type { Outcome } from './seed.ts'

export function tellLog({ seed, log, releases, crashes }: Outcome): string {
  const start = log[0]?.at ?? 0
  const lines = log.map((stored) => line(stored, start))
  const ends = releases.map(({ id, phase, events }) => `  ${id}: ${phase} after ${events} events`)
  return [`seed ${seed}, ${crashes} crashes`, ...lines, ...ends, ''].join('\n')
}

function line({ stream, version, at, by, event }: StoredEvent<ReleaseEvent>, start: number): string {
  const { kind, ...rest } = event
  const facts = Object.entries(rest).map(([name, value]) => `${name}=${short(name, value)}`)
  return `${((at - start) / 1000).toFixed(3).padStart(9)} ${stream}@${version} ${by.id} ${kind} ${facts.join(' ')}`
}

const long = new Set(['plan', 'evidence', 'workspace', 'body'])

function short(name: string, value: unknown): string {
  if (long.has(name)) return '…'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
