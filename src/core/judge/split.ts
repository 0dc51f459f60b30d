/** Chooses which instances of stable play the canary in a look back at the time before a rollout. */
import { sha256Hex } from '../log/canonical.ts'
import { quotePattern } from '../plan/pattern.ts'

export interface Split {
  /** `instance`, `pod`. */
  readonly label: string
  /** Who plays the canary, sorted; the rest of stable plays stable. */
  readonly canary: readonly string[]
}

/**
 * As near to the weight of the first stage as whole instances come, at least one and never all. The same members and the
 * same seed give the same split, in whatever order they are named.
 */
export function splitMembers(
  members: readonly string[],
  label: string,
  weightPercent: number,
  seed: string,
): { readonly ok: true; readonly split: Split } | { readonly ok: false; readonly why: string } {
  const known = [...new Set(members)].filter((member) => member !== '').sort()
  if (known.length === 0) return { ok: false, why: `no series of stable has the label ${label}` }
  if (known.length === 1)
    return { ok: false, why: `stable has one ${label} only (${known[0]}), and a part of it is to play the canary` }
  const wanted = Math.round((known.length * weightPercent) / 100)
  const count = Math.min(Math.max(wanted, 1), known.length - 1)
  const drawn = known
    .map((member) => ({ member, lot: sha256Hex(`${seed}\n${member}`) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, count)
  return { ok: true, split: { label, canary: drawn.map(({ member }) => member).sort() } }
}

/** The PromQL matchers of one side, to stand behind those of the stable arm. */
export function splitMatchers({ label, canary }: Split, arm: 'canary' | 'stable'): string {
  const pattern = canary.map((member) => quotePattern(member)).join('|')
  // Inside a literal every backslash of the pattern is written twice.
  const literal = `"${pattern.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`
  return arm === 'canary' ? `${label}=~${literal}` : `${label}!~${literal},${label}!=""`
}
