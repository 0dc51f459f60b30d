/** What a command printed: its text, its JSON, the line that says why it failed, and how it stands to the patterns of a block. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import { tellingLine } from '../../core/telling-line.ts'
import type { Json } from '../../core/units.ts'
import { patternOf } from './fields.ts'
import { oneLine } from './say.ts'

/** Null = as expected: each of `match` appears, and none of `forbid`. `truncated` = a part was not kept, in which a match may be. */
export function readPatterns(
  given: { readonly match: readonly string[] | null; readonly forbid: readonly string[] | null },
  output: { readonly stdout: string; readonly stderr: string },
  truncated: boolean,
): { readonly outcome: CheckOutcome; readonly say: string } | null {
  const text = `${output.stdout}\n${output.stderr}`
  const forbidden = given.forbid ?? []
  for (const forbid of forbidden) {
    const line = matchingLine(forbid, text)
    if (line !== null) return { outcome: 'failed', say: `/${forbid}/ must not appear, but: ${oneLine(line, 200)}` }
  }
  if (forbidden.length > 0 && truncated)
    return { outcome: 'inconclusive', say: `the output is too long to be sure that /${forbidden[0]}/ does not appear` }
  const missing = given.match?.find((match) => matchingLine(match, text) === null)
  if (missing === undefined) return null
  if (truncated) return { outcome: 'inconclusive', say: `/${missing}/ is not in the part of the output that was kept` }
  return { outcome: 'failed', say: `/${missing}/ does not appear in the output` }
}

/** The line around a match, for the sentence; a match over several lines gives its first. */
function matchingLine(source: string, text: string): string | null {
  const pattern = patternOf(source)
  const line = text.split('\n').find((one) => pattern.find(one))
  if (line !== undefined) return line
  return pattern.find(text) ? (pattern.match(text)?.[0] ?? '') : null
}

/** As `$(...)` gives it: without the line breaks at its end. */
export function printedText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/[\r\n]+$/, '')
}

/** With the one line of what it printed that says why; nothing more for silence. */
export function withTellingLine(say: string, text: string): string {
  const line = tellingLine(text)
  return line === '' ? say : `${say}: ${oneLine(line, 240)}`
}

export function parseJson(
  text: string,
): { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: JSON.parse(text) as Json }
  } catch (error) {
    return { ok: false, why: oneLine(error instanceof Error ? error.message : String(error), 160) }
  }
}
