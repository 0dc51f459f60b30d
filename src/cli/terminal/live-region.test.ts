/** The live region on a terminal that obeys what it is told: what stays above it, and what is drawn again. */
import { expect, test } from 'vitest'
import { createLiveRegion } from './live-region.ts'

/** Rows of a terminal that understands what the region uses: line ends, up, erase to the end of line and screen. */
class Screen {
  columns: number
  rows: string[] = ['']
  at = 0
  isCursorShown = true
  constructor(columns: number) {
    this.columns = columns
  }

  write(text: string): void {
    // oxlint-disable-next-line no-control-regex -- control sequences are what is obeyed
    for (const part of text.split(/(\x1b\[\??[0-9]*[a-zA-Z]|\r|\n)/)) this.obey(part)
  }

  obey(part: string): void {
    // oxlint-disable-next-line no-control-regex -- see above
    const up = /^\x1b\[(\d+)A$/.exec(part)
    if (up) this.at -= Number(up[1])
    else if (part === '\n') this.down()
    else if (part === '\x1b[J') this.rows = [...this.rows.slice(0, this.at), '']
    else if (part === '\x1b[?25l') this.isCursorShown = false
    else if (part === '\x1b[?25h') this.isCursorShown = true
    else if (part !== '' && part !== '\r' && !part.startsWith('\x1b')) this.print(part)
    expect(this.at).toBeGreaterThanOrEqual(0)
  }

  print(text: string): void {
    for (let rest = text; rest !== ''; rest = rest.slice(this.columns)) {
      this.rows[this.at] = rest.slice(0, this.columns)
      if (rest.length > this.columns) this.down()
    }
  }

  down(): void {
    this.at += 1
    this.rows[this.at] ??= ''
  }

  get shown(): readonly string[] {
    return this.rows.filter((row) => row !== '')
  }
}

test('the region is drawn over itself, and finished lines stay above it once', () => {
  const screen = new Screen(40)
  const region = createLiveRegion(screen)
  region.draw(['a 1', 'b 1'])
  region.draw(['a 2', 'b 2', 'c 2'])
  region.print(['done: one'])
  region.draw(['a 3'])
  region.print(['done: two'])
  expect(screen.shown).toEqual(['done: one', 'done: two', 'a 3'])
})

test('clearing leaves only what is finished, with the cursor shown', () => {
  const screen = new Screen(40)
  const region = createLiveRegion(screen)
  region.draw(['a', 'b'])
  expect(screen.isCursorShown).toBe(false)
  region.print(['done'])
  region.clear()
  expect(screen.shown).toEqual(['done'])
  expect(screen.isCursorShown).toBe(true)
})

test('a terminal made narrower has folded the region: all of its rows are drawn over', () => {
  const screen = new Screen(40)
  const region = createLiveRegion(screen)
  region.draw(['x'.repeat(40), 'short'])
  // The terminal folds the long row into two.
  screen.rows = ['x'.repeat(20), 'x'.repeat(20), 'short', '']
  screen.at = 3
  screen.columns = 20
  region.draw(['narrow'])
  expect(screen.shown).toEqual(['narrow'])
})
