/** Boxes: the one that Markdown knows, and the ones that people write all the same. */
import type { Dialect } from './item.ts'

export interface Box {
  readonly checked: boolean
  readonly dialect: Dialect | null
  /** Characters of the mark with the blanks behind it. */
  readonly length: number
}

const task = /^\[([ xX])\](?=\s)\s*/
const alone = /^\[([ xX])\]$/
const empty = /^\[\](?=\s|$)\s*/
const odd = /^\[([~+✓✔✗/?-]|n\/a)\](?=\s|$)\s*/iu
const drawn = /^([☐☑☒⬜□])\uFE0F?\s+/u
const ticked = /[xX☑✅✔✓+]/u

/** The box that `content`, the first paragraph of a list item, opens with. */
export function boxOfItem(content: string): Box | null {
  const known = task.exec(content)
  if (known) return { checked: known[1] !== ' ', dialect: null, length: known[0].length }
  const bare = alone.exec(content)
  if (bare) return { checked: bare[1] !== ' ', dialect: 'odd-box', length: bare[0].length }
  const none = empty.exec(content)
  if (none) return { checked: false, dialect: 'empty-box', length: none[0].length }
  const strange = odd.exec(content)
  if (strange) return { checked: ticked.test(strange[1] ?? ''), dialect: 'odd-box', length: strange[0].length }
  return drawnBox(content)
}

/** The box that a line of prose opens with: no list, so no Markdown reader shows one. */
export function boxOfLine(content: string): Box | null {
  const loose = /^\[([ xX]?)\](?=\s)\s*/.exec(content)
  if (loose) return { checked: /x/i.test(loose[1] ?? ''), dialect: 'loose-box', length: loose[0].length }
  return drawnBox(content)
}

/** The first cell of a row that holds nothing but a box. */
export function boxOfCells(cells: readonly string[]): Box | null {
  for (const cell of cells) {
    const match = /^(?:\[([ xX]?)\]|([☐☑☒⬜□])\uFE0F?)$/u.exec(cell.trim())
    if (match) return { checked: ticked.test(match[1] ?? match[2] ?? ''), dialect: 'cell-box', length: 0 }
  }
  return null
}

function drawnBox(content: string): Box | null {
  const match = drawn.exec(content)
  return match && { checked: ticked.test(match[1] ?? ''), dialect: 'unicode-box', length: match[0].length }
}
