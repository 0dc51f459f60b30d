/** `export`: the record of a release as one file. */
import { writeFile } from 'node:fs/promises'
import type { Run } from '../command-entry.ts'
import { Refused } from '../faults.ts'
import { findRelease } from '../release-argument.ts'
import { word } from '../../report/view/shell-word.ts'
import { text } from '../values.ts'

type Format = 'bundle' | 'md' | 'report' | 'html' | 'json'

export const exportRelease: Run = async (context, words, options) => {
  const format = (text(options, 'format') ?? 'bundle') as Format
  const client = await context.client()
  const view = await findRelease(client, words[0], true)
  const bytes = await client.export(view.release, format)
  if (bytes === null) throw new Refused(`there is no release ${view.release}`, 'unknown-release', 2)
  const out = text(options, 'out') ?? (format === 'bundle' && process.stdout.isTTY ? fileName(view.release) : null)
  if (out === null || out === '-') {
    await new Promise<void>((done, fail) => process.stdout.write(bytes, (fault) => (fault ? fail(fault) : done())))
    return 0
  }
  await writeFile(out, bytes)
  context.err(
    `wrote ${out} (${bytes.length} bytes)${format === 'bundle' ? `; verify it anywhere: holdpoint verify ${word(out)}` : ''}`,
  )
  if (format === 'md' && new TextDecoder().decode(bytes).includes('<a href="evidence/'))
    context.err(
      `its links lead to the evidence in the bundle, unpacked beside it: holdpoint export ${word(view.release)} -o - | tar -x evidence`,
    )
  return 0
}

/** A release id may hold any character; a file name should not. */
export function fileName(release: string): string {
  return `${release.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.bundle`
}
