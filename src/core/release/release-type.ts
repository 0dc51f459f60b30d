/** How far a version is from the one before it, and which version mends one. */
import type { ReleaseType } from '../plan/plan.ts'

type Triple = readonly [major: number, minor: number, patch: number]

/** `v1.4.2`, `1.4.2-rc.1`, `1.4.2+build`; null = no semantic version. */
export function tripleOf(version: string): Triple | null {
  const found = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(version.trim())
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null
}

/** A hotfix is what was started as one; the others follow from the two versions. */
export function releaseTypeOf(version: string, previous: string | null, isHotfix: boolean): ReleaseType {
  if (isHotfix) return 'hotfix'
  const now = tripleOf(version)
  const before = previous === null ? null : tripleOf(previous)
  if (!now || !before) return 'unknown'
  if (now[0] !== before[0]) return 'major'
  return now[1] === before[1] ? 'patch' : 'minor'
}

/** The version after it with one more in the last place, in the same spelling; null = no semantic version. */
export function nextPatchOf(version: string): string | null {
  const triple = tripleOf(version)
  return triple ? `${version.trim().startsWith('v') ? 'v' : ''}${triple[0]}.${triple[1]}.${triple[2] + 1}` : null
}

/** A phase for some types only. A type that nobody can tell leaves out nothing but what is for hotfixes. */
export function isFor(onlyFor: readonly ReleaseType[] | undefined, type: ReleaseType): boolean {
  if (onlyFor === undefined || onlyFor.includes(type)) return true
  return type === 'unknown' && onlyFor.some((each) => each !== 'hotfix')
}
