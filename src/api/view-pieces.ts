/** A live view in pieces, each with the number of the view it changed in: what a reader lacks is put together from them. */
import type { ReleaseView } from '../report/view.ts'

interface Piece {
  /** JSON. */
  readonly text: string
  readonly changedIn: number
}

/** A list in order, its items known by a key. */
interface Pieces {
  readonly items: readonly (readonly [key: string, piece: Piece])[]
  readonly byKey: ReadonlyMap<string, Piece>
  /** Which keys, in which order. */
  readonly keys: Piece
}

type Entry = readonly [key: string, value: unknown]

const NONE: Pieces = { items: [], byKey: new Map(), keys: { text: '', changedIn: 0 } }

/** Texts are compared, not values: what is shared with a state that goes on cannot change behind them. */
export class ViewPieces {
  /** Of the newest view, from 1; 0 = none yet. */
  number = 0
  /** A reader that has an older view needs the whole one. */
  #tellableFrom = 1
  #parts = NONE
  #waits = NONE
  #messages = NONE
  #heads = NONE
  #steps: ReadonlyMap<string, Pieces> = new Map()

  take(view: ReleaseView): void {
    const number = this.number + 1
    const { phases, waitsFor, messages, ...parts } = view
    const before = { parts: this.#parts, steps: this.#steps }
    this.#parts = newer(before.parts, Object.entries(parts), number)
    this.#waits = newer(
      this.#waits,
      waitsFor.map((wait) => [`${wait.kind} ${wait.step ?? wait.message ?? ''}`, wait]),
      number,
    )
    this.#messages = newer(
      this.#messages,
      messages.map((message) => [message.id, message]),
      number,
    )
    this.#heads = newer(
      this.#heads,
      phases.map(({ steps: _steps, ...head }) => [head.id, head]),
      number,
    )
    this.#steps = new Map(
      phases.map(({ id, steps }) => [
        id,
        newer(
          before.steps.get(id) ?? NONE,
          steps.map((step) => [step.id, step]),
          number,
        ),
      ]),
    )
    // A part that came or went, and two items of one key: seldom, if ever, and nothing that a change can say.
    if (this.#parts.keys.changedIn === number) this.#tellableFrom = number
    if (![this.#waits, this.#messages, this.#heads, ...this.#steps.values()].every(isKeyed))
      this.#tellableFrom = number + 1
    this.number = number
  }

  /** The newest view as JSON. */
  whole(): string {
    const phases = this.#heads.items.map(
      ([id, { text }]) => `${text.slice(0, -1)},"steps":${listOf(this.#steps.get(id) ?? NONE)}}`,
    )
    const parts = this.#parts.items.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`)
    const lists = [`"waitsFor":${listOf(this.#waits)}`, `"messages":${listOf(this.#messages)}`]
    return `{${[...parts, ...lists, `"phases":[${phases.join(',')}]`].join(',')}}`
  }

  /** A `ViewChange` as JSON for a reader that has the view of this number; null = it needs the whole one. */
  changeSince(number: number): string | null {
    if (number < this.#tellableFrom || number > this.number) return null
    const parts = this.#parts.items.filter(([, { changedIn }]) => changedIn > number)
    const members: readonly (readonly [string, string | null])[] = [
      ['from', String(number)],
      ['to', String(this.number)],
      ['parts', `{${parts.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`).join(',')}}`],
      ['waitsFor', changeOf(this.#waits, number)],
      ['messages', changeOf(this.#messages, number)],
      ['phases', this.#phasesSince(number)],
    ]
    return objectOf(members)
  }

  #phasesSince(number: number): string | null {
    const changes = this.#heads.items.flatMap(([id, head]) => {
      const steps = changeOf(this.#steps.get(id) ?? NONE, number)
      const isNew = head.changedIn > number
      if (!isNew && steps === null) return []
      const change = objectOf([
        ['head', isNew ? head.text : null],
        ['steps', steps],
      ])
      return [[id, change] as const]
    })
    return changeWith(this.#heads.keys, changes, number)
  }
}

function newer(before: Pieces, entries: readonly Entry[], number: number): Pieces {
  const items = entries.flatMap(([key, value]) => {
    const text = JSON.stringify(value) as string | undefined
    if (text === undefined) return []
    const known = before.byKey.get(key)
    return [[key, known?.text === text ? known : { text, changedIn: number }] as const]
  })
  const text = JSON.stringify(items.map(([key]) => key))
  return {
    items,
    byKey: new Map(items),
    keys: before.keys.text === text ? before.keys : { text, changedIn: number },
  }
}

function isKeyed({ items, byKey }: Pieces): boolean {
  return items.length === byKey.size
}

function listOf({ items }: Pieces): string {
  return `[${items.map(([, { text }]) => text).join(',')}]`
}

function changeOf({ items, keys }: Pieces, since: number): string | null {
  const changed = items.flatMap(([key, { text, changedIn }]) => (changedIn > since ? [[key, text] as const] : []))
  return changeWith(keys, changed, since)
}

/** A `ListChange`; null = the same as before. */
function changeWith(keys: Piece, changed: readonly (readonly [string, string])[], since: number): string | null {
  const isOther = keys.changedIn > since
  if (!isOther && changed.length === 0) return null
  return objectOf([
    ['keys', isOther ? keys.text : null],
    ['items', `[${changed.map(([key, text]) => `[${JSON.stringify(key)},${text}]`).join(',')}]`],
  ])
}

/** Of texts that are JSON; null = not there. */
function objectOf(members: readonly (readonly [name: string, text: string | null])[]): string {
  return `{${members.flatMap(([name, text]) => (text === null ? [] : [`"${name}":${text}`])).join(',')}}`
}
