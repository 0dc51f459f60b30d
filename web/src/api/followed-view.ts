/** The view that a page holds, kept up by the changes that come: as the program's own client does it in src/api/followed-view.ts. */
import type { ListChange, NumberedView, PhaseChange, ReleaseView, ViewChange } from '../../../src/api/wire/web.ts'

/** A change of another view than the one held: nothing that is made of it could be trusted. Connect again, for the whole one. */
export class Misfit extends Error {
  constructor(why: string) {
    super(`A change of the live view does not fit: ${why}`)
  }
}

/** Of one connection: each begins with a whole view. */
export class FollowedView {
  #held: NumberedView | null = null

  /** The newest view; null when the message is about something else. Throws `Misfit`. */
  read(event: string, data: string): ReleaseView | null {
    if (event === 'live') return JSON.parse(data) as ReleaseView
    if (event === 'view') this.#held = JSON.parse(data) as NumberedView
    else if (event === 'change') this.#held = changed(this.#held, JSON.parse(data) as ViewChange)
    else return null
    return this.#held.view
  }
}

function changed(held: NumberedView | null, change: ViewChange): NumberedView {
  if (held?.number !== change.from)
    throw new Misfit(`it is from view ${change.from}, held is ${held?.number ?? 'none'}`)
  const { view } = held
  const next = {
    ...view,
    ...change.parts,
    waitsFor: listWith(
      view.waitsFor,
      change.waitsFor,
      ({ kind, step, message }) => `${kind} ${step ?? message ?? ''}`,
      whole,
    ),
    messages: listWith(view.messages, change.messages, idOf, whole),
    phases: listWith(view.phases, change.phases, idOf, phaseWith),
  }
  return { number: change.to, view: next }
}

type Phase = ReleaseView['phases'][number]

function phaseWith({ head, steps }: PhaseChange, before: Phase | undefined): Phase {
  const rest = head ?? before
  if (rest === undefined) throw new Misfit('it changes a phase that is not there')
  return { ...rest, steps: listWith(before?.steps ?? [], steps, idOf, whole) }
}

function listWith<Item, Change>(
  before: readonly Item[],
  change: ListChange<Change> | undefined,
  keyOf: (item: Item) => string,
  itemWith: (change: Change, before: Item | undefined) => Item,
): readonly Item[] {
  if (change === undefined) return before
  const items = new Map(before.map((item) => [keyOf(item), item]))
  const keys = change.keys ?? [...items.keys()]
  for (const [key, each] of change.items) items.set(key, itemWith(each, items.get(key)))
  return keys.map((key) => {
    const item = items.get(key)
    if (item === undefined) throw new Misfit(`"${key}" was never told`)
    return item
  })
}

function whole<Item>(item: Item): Item {
  return item
}

function idOf({ id }: { readonly id: string }): string {
  return id
}
