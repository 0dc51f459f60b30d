/** The lines of the board: what each release is about now, which group it belongs to, and which filters let it through. */
import type { BoardLine, ReleaseSummary } from '../../../../src/api/wire/web.ts'

export type Group = 'yours' | 'stopped' | 'people' | 'moving' | 'watching' | 'ended'

export const groups: readonly { readonly id: Group; readonly word: string; readonly says: string }[] = [
  { id: 'yours', word: 'Needs you', says: 'waits for you or for a role of yours' },
  { id: 'stopped', word: 'Stopped', says: 'something failed, or is on its way back' },
  { id: 'people', word: 'Waits for someone', says: 'somebody else is asked' },
  { id: 'moving', word: 'Moving', says: 'machines are at work, or time has to pass' },
  { id: 'watching', word: 'Released, watched', says: 'at full traffic, still observed' },
  { id: 'ended', word: 'Ended', says: 'closed, rolled back or left' },
]

export type Row =
  | { readonly kind: 'group'; readonly group: Group; readonly word: string; readonly count: string }
  | { readonly kind: 'open'; readonly line: BoardLine; readonly group: Group }
  | { readonly kind: 'ended'; readonly line: ReleaseSummary; readonly group: 'ended' }

export function groupOf({ isYours, now, phase }: BoardLine): Group {
  if (isYours) return 'yours'
  if (phase === 'rolling-back' || phase === 'rollback-failed' || now?.tone === 'bad') return 'stopped'
  if (now?.tone === 'person') return 'people'
  return now?.tone === 'good' || phase === 'validating' || phase === 'signed-off' ? 'watching' : 'moving'
}

export interface Wanted {
  /** null = all groups. */
  readonly group: Group | null
  readonly words: string
}

export function rowsOf(
  open: readonly BoardLine[],
  past: readonly ReleaseSummary[],
  /** How many have ended, if some of them are not among `past` yet; null = all are there, or nobody has told. */
  ended: number | null,
  wanted: Wanted,
): readonly Row[] {
  const fits = matcher(wanted.words)
  const openIds = new Set(open.map(({ id }) => id))
  return groups
    .filter(({ id }) => wanted.group === null || wanted.group === id)
    .flatMap(({ id, word }): readonly Row[] => {
      const rows: readonly Row[] =
        id === 'ended'
          ? past
              .filter((line) => !openIds.has(line.id) && fits(line))
              .map((line) => ({ kind: 'ended', line, group: id }))
          : open.filter((line) => groupOf(line) === id && fits(line)).map((line) => ({ kind: 'open', line, group: id }))
      if (rows.length === 0) return []
      const isPart = id === 'ended' && ended !== null && ended > rows.length
      const count = !isPart ? String(rows.length) : wanted.words === '' ? String(ended) : `${rows.length}+`
      return [{ kind: 'group', group: id, word, count }, ...rows]
    })
}

export function countsOf(open: readonly BoardLine[]): ReadonlyMap<Group, number> {
  const counts = new Map<Group, number>()
  for (const line of open) counts.set(groupOf(line), (counts.get(groupOf(line)) ?? 0) + 1)
  return counts
}

/** Every word has to stand somewhere in the line. */
function matcher(words: string): (line: ReleaseSummary) => boolean {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean)
  if (parts.length === 0) return () => true
  return ({ id, service, version, environment, startedBy, phase, bar }) => {
    const text = `${id} ${service} ${version} ${environment} ${startedBy} ${phase} ${bar}`.toLowerCase()
    return parts.every((part) => text.includes(part))
  }
}
