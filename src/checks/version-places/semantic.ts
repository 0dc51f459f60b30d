/** Semantic Versioning 2.0.0: what is a version, and which step leads from one to the next. */

export const bumps = ['major', 'minor', 'patch', 'prerelease'] as const

/** `back` and `none` lead nowhere new; `jump` leaves a version out or does not begin its lower parts at 0. */
export type Bump = (typeof bumps)[number] | 'jump' | 'back' | 'none'

interface Version {
  readonly numbers: readonly [number, number, number]
  readonly prerelease: readonly string[]
}

const pattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/

export function readVersion(text: string): Version | null {
  const found = text.length > 256 ? null : pattern.exec(text)
  if (!found) return null
  return {
    numbers: [Number(found[1]), Number(found[2]), Number(found[3])],
    prerelease: found[4]?.split('.') ?? [],
  }
}

/** The step between two versions; throws for a text that is none. */
export function bumpOf(before: string, after: string): Bump {
  const [from, to] = [readVersion(before), readVersion(after)]
  if (from === null || to === null) throw new Error(`bug: ${from === null ? before : after} is no version`)
  const order = compare(from, to)
  if (order >= 0) return order === 0 ? 'none' : 'back'
  const part = to.numbers.findIndex((number, at) => number !== from.numbers[at])
  // Of one version: from a prerelease to the next, or to the version itself.
  if (part < 0) return 'prerelease'
  const isNext = to.numbers[part] === (from.numbers[part] ?? 0) + 1
  const restIsZero = to.numbers.slice(part + 1).every((number) => number === 0)
  return isNext && restIsZero ? (bumps[part] ?? 'jump') : 'jump'
}

/** Below 0 when the first comes before the second, as section 11 orders them; build metadata does not count. */
function compare(one: Version, other: Version): number {
  for (const [at, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[at] ?? 0)
    if (difference !== 0) return difference
  }
  if (one.prerelease.length === 0 || other.prerelease.length === 0)
    return (one.prerelease.length === 0 ? 1 : 0) - (other.prerelease.length === 0 ? 1 : 0)
  for (let at = 0; at < Math.max(one.prerelease.length, other.prerelease.length); at += 1) {
    const difference = compareIdentifiers(one.prerelease[at], other.prerelease[at])
    if (difference !== 0) return difference
  }
  return 0
}

function compareIdentifiers(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return (one === undefined ? 0 : 1) - (other === undefined ? 0 : 1)
  const [isNumber, otherIsNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (isNumber && otherIsNumber) return Number(one) - Number(other)
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1
  return one < other ? -1 : one > other ? 1 : 0
}
