/** Debt of a checklist: steps that people let pass again and again. Pure. */
import { isForwardPhase } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { Instant } from '../core/units.ts'

/** How many releases are looked back at, newest first. */
export const debtReleases = 5
/** From how many of them on it is debt. */
export const leastDebt = 2

/** A step that closed without having passed, on a person's word or as a warning. */
export interface LetPass {
  readonly step: string
  readonly text: string
  readonly how: 'waived' | 'not-applicable' | 'warned'
  readonly why: string
  readonly at: Instant
}

/** What one release let pass. */
export interface PastRelease {
  readonly release: string
  readonly version: string
  readonly startedAt: Instant
  readonly letPass: readonly LetPass[]
}

export interface Debt {
  readonly step: string
  readonly text: string
  /** In so many of the `of` last releases. */
  readonly count: number
  readonly of: number
  /** First of them. */
  readonly since: Instant
  /** Newest first. */
  readonly last: readonly (Omit<LetPass, 'step' | 'text'> & { readonly release: string; readonly version: string })[]
}

/** Conditions of the checklist are no debt: only what a person decided, and what did not pass and did not stop anybody. */
export function letPassIn(state: ReleaseState): readonly LetPass[] {
  const forward = new Set(state.plan.phases.filter(isForwardPhase).map(({ id }) => id))
  return state.plan.steps.flatMap(({ id, text, phase, parent }) => {
    const closed = state.steps.get(id)?.closed
    if (!closed || !forward.has(phase)) return []
    const { how, why, at, by } = closed
    // What a waived group takes with it is one decision, and told once.
    const isOwn = parent === null || state.steps.get(parent)?.closed?.how !== how
    if (how !== 'waived' && how !== 'warned' && how !== 'not-applicable') return []
    if (how === 'not-applicable' ? by === undefined : !isOwn) return []
    return [{ step: id, text, how, why, at }]
  })
}

/** `past` = releases with the same checklist, newest first. Worst first. */
export function debtOf(past: readonly PastRelease[]): readonly Debt[] {
  const looked = past.slice(0, debtReleases)
  const found = new Map<string, { readonly text: string; readonly last: Debt['last'][number][] }>()
  for (const { release, version, letPass } of looked)
    for (const { step, text, ...passed } of letPass) {
      const entry = found.get(step) ?? { text, last: [] }
      found.set(step, { ...entry, last: [...entry.last, { ...passed, release, version }] })
    }
  return [...found]
    .filter(([, { last }]) => last.length >= leastDebt)
    .map(([step, { text, last }]) => {
      const since = Math.min(...last.map(({ at }) => at))
      return { step, text, count: last.length, of: looked.length, since, last }
    })
    .toSorted((one, other) => other.count - one.count || one.since - other.since)
}

/** `waived in 3 of the last 5 releases: known flake`. */
export function debtWords({ count, of, last }: Debt): string {
  const ways = [...new Set(last.map(({ how }) => howWords[how]))].join(' or ')
  return `${ways} in ${count} of the last ${of} releases, last: ${last[0]?.why ?? ''}`
}

const howWords = { waived: 'waived', 'not-applicable': 'not applicable', warned: 'did not pass' } as const
