/** Asks the recognisers about a document of a test: what one of its items was taken for. */
import { importDocument, type ImportedItem } from '../import.ts'

/** The item that begins on `line`, counted from 1; of several the last, which is the innermost. */
export function seen(text: string, line: number): ImportedItem {
  const { imported } = importDocument(new TextEncoder().encode(text), { file: 'RELEASE.md' })
  const item = imported.items.findLast((each) => each.line === line)
  if (!item) throw new Error(`nothing begins on line ${line}`)
  return item
}

/** One task below a heading. */
export function task(words: string, heading = 'Before'): ImportedItem {
  return seen(`# Release\n\n## ${heading}\n\n- [ ] ${words}\n`, 5)
}
