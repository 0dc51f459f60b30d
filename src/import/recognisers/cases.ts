/** Asks the recognisers about a document of a test: what one of its items is taken for, by all of them or by one alone. */
import { importDocument, type ImportedItem } from '../import.ts'
import type { Recogniser } from '../item.ts'
import { readOutline } from '../outline.ts'
import { recogniseAll, type Recognised } from '../recognise.ts'

/** The item that begins on `line`, counted from 1; of several the last, which is the innermost. */
export function seen(text: string, line: number): ImportedItem {
  const { imported } = importDocument(new TextEncoder().encode(text), { file: 'RELEASE.md' })
  const item = imported.items.findLast((each) => each.line === line)
  if (!item) throw new Error(`nothing begins on line ${line}`)
  return item
}

/** One task below a heading. */
export function task(words: string, heading = 'Before'): ImportedItem {
  return seen(taskText(words, heading), 5)
}

/** What one recogniser alone says of the item that begins on `line`; null = it leaves it to others. */
export function known(recogniser: Recogniser, text: string, line: number): Recognised | null {
  const item = recogniseAll(readOutline(text), [recogniser]).findLast((each) => each.item.line === line)
  if (!item) throw new Error(`nothing begins on line ${line}`)
  return item.by === null ? null : item
}

export function knownTask(recogniser: Recogniser, words: string, heading = 'Before'): Recognised | null {
  return known(recogniser, taskText(words, heading), 5)
}

function taskText(words: string, heading: string): string {
  return `# Release\n\n## ${heading}\n\n- [ ] ${words}\n`
}
