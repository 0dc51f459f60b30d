/** The facts of a record in words: versions, times of steps, numbers that were measured. */
import { spanWords } from '../../parts/clock.ts'

export interface FactWords {
  readonly name: string
  readonly value: string
}

const timeOf = 'seconds of '

/** In the order in which they were written down. */
export function factWords(facts: Readonly<Record<string, string | number | boolean>>): readonly FactWords[] {
  return Object.entries(facts).map(([name, value]) => {
    if (name.startsWith(timeOf) && typeof value === 'number')
      return { name: name.slice(timeOf.length), value: secondsWords(value) }
    // A digest is compared by machines; people tell two apart by its beginning.
    const words = /^[0-9a-f]{64}$/.test(String(value)) ? String(value).slice(0, 12) : String(value)
    return { name: name.replaceAll('_', ' '), value: words }
  })
}

function secondsWords(seconds: number): string {
  if (seconds < 0.1) return 'under 0.1 s'
  return seconds < 10 ? `${seconds.toFixed(1)} s` : spanWords(seconds * 1000)
}
