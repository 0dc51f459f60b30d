/** Mentions in a text: where they stand, what somebody is about to write, and who fits it. Pure. */
import type { ReleasePerson } from '../../../src/api/wire/web.ts'

export interface Piece {
  readonly words: string
  /** Who is meant; null = words like any other. */
  readonly person: ReleasePerson | null
}

/** Ids of people: lower-case letters, digits and . _ @ + -; a dot at the end of a sentence is not part of one. */
const MENTION = /(?<![\w.@+-])@([a-z0-9][a-z0-9._@+-]*)/gi

/** Only who is known is a mention: an address or a decorator of code stays words. */
export function mentionsIn(text: string, people: readonly ReleasePerson[]): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const found of text.matchAll(MENTION)) {
    const person = personOf(found[1] ?? '', people)
    if (person === null) continue
    const to = found.index + 1 + person.id.length
    if (found.index > from) pieces.push({ words: text.slice(from, found.index), person: null })
    pieces.push({ words: text.slice(found.index, to), person })
    from = to
  }
  if (from < text.length || pieces.length === 0) pieces.push({ words: text.slice(from), person: null })
  return pieces
}

function personOf(written: string, people: readonly ReleasePerson[]): ReleasePerson | null {
  const wanted = written.toLowerCase()
  for (const name of [wanted, wanted.replace(/[._@+-]+$/, '')]) {
    const found = people.find(({ id }) => id === name)
    if (found !== undefined) return found
  }
  return null
}

export interface Begun {
  /** Place of the @ in the text. */
  readonly at: number
  readonly words: string
}

/** What is being written at the caret; null = no mention. */
export function begunAt(text: string, caret: number): Begun | null {
  const found = /(?<![\w.@+-])@([\w.@+-]{0,80})$/.exec(text.slice(0, caret))
  return found === null ? null : { at: found.index, words: (found[1] ?? '').toLowerCase() }
}

const MOST_OFFERED = 6

/** Whose id or name begins so first, then who has it somewhere. */
export function fitting(words: string, people: readonly ReleasePerson[]): readonly ReleasePerson[] {
  const rank = ({ id, name }: ReleasePerson): number => {
    const all = [id, ...name.toLowerCase().split(/\s+/)]
    if (all.some((word) => word.startsWith(words))) return 0
    return id.includes(words) || name.toLowerCase().includes(words) ? 1 : 2
  }
  return people
    .map((person) => ({ person, rank: rank(person) }))
    .filter((one) => one.rank < 2)
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, MOST_OFFERED)
    .map(({ person }) => person)
}

/** The text with the mention written out, and where the caret goes. */
export function completed(text: string, begun: Begun, caret: number, id: string): { text: string; caret: number } {
  const after = text.slice(caret)
  const written = `@${id}${/^\s/.test(after) ? '' : ' '}`
  return { text: text.slice(0, begun.at) + written + after, caret: begun.at + written.length }
}
