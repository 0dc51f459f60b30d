/** Options of the command line as values. */
import { UsageFault } from './faults.ts'

export function text(options: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = options[name]
  return typeof value === 'string' ? value : null
}

export function list(options: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = options[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function flag(options: Readonly<Record<string, unknown>>, name: string): boolean {
  return options[name] === true
}

/** `90s`, `15m`, `1h`, `2d`, `1h30m`. */
export function duration(given: string, option: string): number {
  const sizes: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  if (!/^(\d+(?:\.\d+)?(ms|s|m|h|d))+$/.test(given))
    throw new UsageFault(`${option} is "${given}", expected a duration, for example ${option} 90s`)
  const parts = [...given.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (sizes[unit ?? ''] ?? Number.NaN), 0)
}

/** `name=value` pairs; the value may hold further equals signs. */
export function pairs(given: readonly string[], option: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageFault(`${option} is "${pair}", expected name=value, for example ${option} region=eu`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** A count from 1. */
export function count(given: string, option: string): number {
  const value = Number(given)
  if (!Number.isInteger(value) || value < 1)
    throw new UsageFault(`${option} is "${given}", expected a whole number from 1, for example ${option} 2`)
  return value
}
