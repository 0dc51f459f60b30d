/** Says of pending migrations whether they may run: what speaks against them, what is in doubt, and how long they took. */
import type { CheckResult } from '../../core/ports/check.ts'
import { sayMillis } from '../parts/say.ts'
import { type Danger, dangersOf } from './danger.ts'
import type { Standing } from './history.ts'
import type { Rehearsed } from './rehearsal.ts'

export interface Seen {
  readonly standing: Standing
  /** `share` = bytes of the copy for each byte of the original; null = nothing was rehearsed. */
  readonly copy: { readonly name: string; readonly share: number; readonly rehearsed: Rehearsed } | null
}

export interface Wanted {
  readonly maxPending: number | null
  /** What destroys, and what cannot be told, may run. */
  readonly destructive: boolean
  readonly accept: readonly string[]
  readonly back: boolean
  readonly maxMs: number | null
}

interface Judged {
  readonly outcome: 'passed' | 'failed' | 'inconclusive'
  readonly say: string
  readonly facts: NonNullable<CheckResult['facts']>
  /** For the evidence. */
  readonly lines: readonly string[]
}

type Found = Danger & { readonly name: string }

export function judgeMigrations(seen: Seen, wanted: Wanted): Judged {
  const { pending, applied } = seen.standing
  const dangers = pending.flatMap(({ name, script, dangers: own }) =>
    (own ?? dangersOf(script)).map((danger) => ({ name, ...danger })),
  )
  const against = [...againstStanding(seen, wanted), ...againstText(dangers, wanted), ...againstRehearsal(seen, wanted)]
  const doubts = doubtsOf(seen, dangers, wanted)
  const facts = factsOf(seen, dangers)
  const lines = linesOf(seen, dangers, [...against, ...doubts])
  if (against.length > 0) return { outcome: 'failed', say: [...against, ...doubts].join('; '), facts, lines }
  if (doubts.length > 0) return { outcome: 'inconclusive', say: doubts.join('; '), facts, lines }
  const most = wanted.maxPending === null ? '' : `, at most ${wanted.maxPending} allowed`
  const say = [`${pending.length} pending${most}, ${applied} applied`, ...rehearsedWords(seen, wanted)].join('; ')
  return { outcome: 'passed', say, facts, lines }
}

function few(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return `${names.slice(0, 3).join(', ')}${more}`
}

function when(condition: boolean, words: string): readonly string[] {
  return condition ? [words] : []
}

function withoutBack({ standing }: Seen): readonly string[] {
  return standing.pending.filter(({ back, repeats }) => !repeats && (back ?? '').trim() === '').map(({ name }) => name)
}

function againstStanding(seen: Seen, { maxPending, back }: Wanted): readonly string[] {
  const { pending, failed, missing, changed, heads } = seen.standing
  const bare = withoutBack(seen)
  return [
    ...when(failed.length > 0, `stopped in the middle: ${few(failed)}`),
    ...when(heads.length > 1, `${heads.length} heads, which one comes last nobody says: ${few(heads)}`),
    ...when(missing.length > 0, `ran and is not in the folder: ${few(missing)}`),
    ...when(changed.length > 0, `changed after it ran: ${few(changed)}`),
    ...when(
      maxPending !== null && pending.length > maxPending,
      `${pending.length} pending, at most ${maxPending} allowed: ${few(pending.map(({ name }) => name))}`,
    ),
    ...when(back && bare.length > 0, `no way back: ${few(bare)}`),
  ]
}

function againstText(dangers: readonly Found[], { destructive, accept }: Wanted): readonly string[] {
  if (destructive) return []
  return dangers
    .filter(({ kind, name }) => kind === 'destroys' && !accept.includes(name))
    .map(({ name, why }) => `${name} ${why}`)
}

function againstRehearsal({ copy }: Seen, { maxMs }: Wanted): readonly string[] {
  if (copy === null) return []
  const { stopped, left } = copy.rehearsed
  const took = tookMs(copy.rehearsed)
  return [
    ...when(
      stopped?.rehearsable === true,
      `${stopped?.name} does not run ${stopped?.way} on ${copy.name}: ${stopped?.why}`,
    ),
    ...when(left.length > 0, `the way back does not lead back: ${few(left)}`),
    ...when(
      maxMs !== null && took > maxMs,
      `they took ${sayMillis(took)} on ${copy.name}, at most ${sayMillis(maxMs ?? 0)} allowed`,
    ),
  ]
}

function doubtsOf({ standing, copy }: Seen, dangers: readonly Found[], wanted: Wanted): readonly string[] {
  const open = (names: readonly string[]): readonly string[] => names.filter((name) => !wanted.accept.includes(name))
  const [marked, late] = [open(standing.marked), open(standing.late)]
  const unknown = wanted.destructive ? [] : dangers.filter(({ kind, name }) => kind === 'unknown' && open([name])[0])
  const stopped = copy?.rehearsed.stopped ?? null
  return [
    ...when(marked.length > 0, `marked as rolled back, which reverts nothing: ${few(marked)}`),
    ...when(late.length > 0, `pending behind one that ran already: ${few(late)}`),
    ...unknown.map(({ name, why }) => `${name}: ${why}`),
    ...when(stopped?.rehearsable === false, `${stopped?.name} was not rehearsed: ${stopped?.why}`),
  ]
}

function tookMs({ ran }: Rehearsed): number {
  return ran.reduce((sum, { forwardMs }) => sum + forwardMs, 0)
}

function rehearsedWords({ copy }: Seen, { maxMs, back }: Wanted): readonly string[] {
  if (copy === null) return []
  const most = maxMs === null ? '' : `, at most ${sayMillis(maxMs)} allowed`
  const both = back && copy.rehearsed.ran.every(({ backMs }) => backMs !== null) ? ' and back again' : ''
  const share = `${Math.round(copy.share * 100)} % of the size`
  return [`they ran${both} on ${copy.name} (${share}) in ${sayMillis(tookMs(copy.rehearsed))}${most}`]
}

function factsOf(seen: Seen, dangers: readonly Found[]): Judged['facts'] {
  const { standing, copy } = seen
  const names = (kind: Danger['kind']): string[] => [
    ...new Set(dangers.filter((each) => each.kind === kind).map(({ name }) => name)),
  ]
  const slowest = copy?.rehearsed.ran.toSorted((one, other) => other.forwardMs - one.forwardMs)[0]?.name
  return {
    pending: standing.pending.length,
    pending_names: standing.pending.slice(0, 1_000).map(({ name }) => name),
    applied: standing.applied,
    destructive: names('destroys'),
    unknown: names('unknown'),
    without_back: [...withoutBack(seen)],
    ...(copy && { seconds: tookMs(copy.rehearsed) / 1_000, copy_share: copy.share }),
    ...(slowest !== undefined && { slowest }),
  }
}

function linesOf({ standing, copy }: Seen, dangers: readonly Found[], problems: readonly string[]): readonly string[] {
  const times = (copy?.rehearsed.ran ?? []).map(
    ({ name, forwardMs, backMs }) =>
      `${name} ran in ${sayMillis(forwardMs)}${backMs === null ? '' : `, back in ${sayMillis(backMs)}`}`,
  )
  return [
    `${standing.applied} applied, ${standing.pending.length} pending`,
    ...standing.pending.map(({ name, back }) => `pending: ${name}${back === null ? '' : ' (with a way back)'}`),
    ...dangers.map(({ name, kind, why, statement }) => `${kind}: ${name}: ${why}: ${statement}`),
    ...times,
    ...(copy?.rehearsed.left ?? []),
    ...problems.map((problem) => `problem: ${problem}`),
  ]
}
