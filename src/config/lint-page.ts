/** What docs/lint.md says under a code: shipped with the program, so that a page can show it beside a finding. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from './version.ts'

let pages: ReadonlyMap<string, string> | null = null

/** Markdown; null = there is nothing under that code. */
export function lintPage(code: string): string | null {
  pages ??= pagesIn(readFileSync(join(packageFolder(), 'docs', 'lint.md'), 'utf8'))
  return pages.get(code) ?? null
}

export function pagesIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let code: string | null = null
  let lines: string[] = []
  let mark: string | null = null
  const close = (): void => {
    if (code !== null) found.set(code, lines.join('\n').trim())
    lines = []
  }
  for (const line of text.split('\n')) {
    const fence = /^(`{3,}|~{3,})/.exec(line)?.[1]
    const isHeading = mark === null && /^#{1,4} /.test(line)
    if (isHeading) {
      close()
      code = /^#### `([\w-]+)`\s*$/.exec(line)?.[1] ?? null
    } else lines.push(line)
    if (fence !== undefined && mark === null) mark = fence
    else if (mark !== null && line.trim() === mark) mark = null
  }
  close()
  return found
}
