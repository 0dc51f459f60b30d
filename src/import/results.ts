/** The document that a team wrote, with the results of one release: what importing put into it is taken out first. */
import { withMargin, withoutMargin, type Result } from './margin.ts'
import { removeBlocks } from './remove.ts'

/** `text` is the checklist that ran; lines of `results` are lines of it. Results of an earlier release are replaced. */
export function documentWithResults(text: string, results: readonly Result[], closing: string): string {
  const bare = withoutMargin(text)
  const run = bare?.text ?? text
  const own = removeBlocks(run)
  const moved = results.flatMap((result) => {
    const line = bare ? bare.lineOf(result.line) : result.line
    const place = line === null || !own ? line : own.lineOf(line)
    return [{ ...result, line: place ?? 0 }]
  })
  return withMargin(own?.text ?? run, moved, closing)
}
