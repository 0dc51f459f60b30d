/** Mends what a machine can mend without asking, and leaves every other byte as it is. */
import { readDocument } from '../../core/plan/reader.ts'
import { readText } from '../../core/plan/text.ts'
import { Problems } from '../../core/plan/problem.ts'
import type { TextCode } from '../../core/plan/codes.ts'
import { decode } from '../encoding.ts'
import { isPlainCurl } from './command-meaning.ts'
import { textDocument } from './text-document.ts'

export interface Fix {
  /** In the text as it is after the fixes before it; lines never move. */
  readonly line: number
  readonly code: TextCode
  /** What was done, for people. */
  readonly what: string
}

export interface Fixed {
  readonly bytes: Uint8Array
  readonly fixes: readonly Fix[]
}

/** A file that is no UTF-8 comes back as it is: which encoding it has is not guessed here. */
export function fixDocument(bytes: Uint8Array): Fixed {
  const before = readText(bytes, new Problems(''))
  if (before === null) return { bytes, fixes: [] }
  const { text, encoding } = decode(bytes, true)
  const mended = encoding.repaired > 0 ? text : before
  const fixes: Fix[] = []
  if (mended !== before) {
    const old = before.split('\n')
    const line = mended.split('\n').findIndex((each, index) => each !== old[index]) + 1
    fixes.push({ line, code: 'damaged-encoding', what: `${encoding.repaired} damaged places put back` })
  }
  const after = withFailingCurl(mended, fixes)
  return fixes.length === 0 ? { bytes, fixes } : { bytes: new TextEncoder().encode(after), fixes }
}

/** Only in checks of ours: elsewhere a command is what its author wrote. */
function withFailingCurl(text: string, fixes: Fix[]): string {
  const { commands } = textDocument(readDocument(text), null)
  const lines = text.split(/(?<=\n)/)
  // Line ends of old Macs alone count as well where the document is read, and would shift the lines here.
  if (/\r(?!\n)/.test(text)) return text
  for (const { text: command, line, where, word } of commands) {
    const raw = lines[line - 1]
    if (where !== 'block' || word !== 'check' || raw === undefined || !isPlainCurl(command)) continue
    const changed = raw.replace(/(^\s*|[;&(]\s*)curl(?=\s)/, '$1curl --fail')
    if (changed === raw) continue
    lines[line - 1] = changed
    fixes.push({ line, code: 'curl-without-fail', what: 'curl became curl --fail' })
  }
  return lines.join('')
}
