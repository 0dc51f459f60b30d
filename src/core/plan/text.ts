/** The bytes of a document become text, or one clear reason why not. Size comes first: nothing else looks at a huge file. */
import type { Problems } from './problem.ts'

const largest = 1024 * 1024
const start = { line: 1, column: 1 }

export function readText(bytes: Uint8Array, problems: Problems): string | null {
  if (bytes.length > largest) {
    problems.error('too-large', start, {
      found: `a file of ${bytes.length} bytes`,
      expected: `at most ${largest} bytes`,
      example: 'one checklist in each file',
    })
    return null
  }
  if (hasMark(bytes, [0xff, 0xfe]) || hasMark(bytes, [0xfe, 0xff])) {
    problems.error('wrong-encoding', start, {
      found: 'text in UTF-16',
      expected: 'text in UTF-8',
      example: 'iconv -f UTF-16 -t UTF-8 release.md > release-utf8.md',
    })
    return null
  }
  const nothing = bytes.indexOf(0)
  if (nothing >= 0) {
    problems.error('not-text', placeOf(bytes, nothing), {
      found: 'a zero byte',
      expected: 'a text file in Markdown',
      example: 'release.md',
    })
    return null
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    problems.error('wrong-encoding', placeOf(bytes, firstBadByte(bytes)), {
      found: 'a byte that is not UTF-8',
      expected: 'text in UTF-8',
      example: 'iconv -f WINDOWS-1252 -t UTF-8 release.md > release-utf8.md',
    })
    return null
  }
}

function hasMark(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte)
}

function placeOf(bytes: Uint8Array, offset: number): { line: number; column: number } {
  let [line, lineStart] = [1, 0]
  for (let at = 0; at < offset; at++) {
    if (bytes[at] !== 10) continue
    line += 1
    lineStart = at + 1
  }
  return { line, column: offset - lineStart + 1 }
}

/** Lines are decoded one by one: a line break is never part of a longer character. */
function firstBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end + 1
    try {
      decoder.decode(bytes.subarray(from, to))
    } catch {
      return from
    }
    from = to
  }
  return 0
}
