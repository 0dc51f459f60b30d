/** The few plain types that every part of the core shares. */

/** Milliseconds since 1970-01-01T00:00:00Z. Always handed in, never read from a clock here. */
export type Instant = number

/** A length of time in milliseconds. */
export type Millis = number

/** Any value that survives JSON unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Share of traffic in percent, 0 to 100. */
export type WeightPercent = number

/** Stops the program where the impossible happened: recording a wrong fact is worse than stopping. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`)
}

/** Makes a switch exhaustive: the compiler refuses a forgotten case, and a corrupt value stops here. */
export function never(value: never, what: string): never {
  throw new Error(`bug: ${what} has no case for ${JSON.stringify(value)}`)
}
