/** The include file of nginx that carries the weight: its text, and what it says. */
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WeightPercent } from '../core/units.ts'

export interface WeightFile {
  readonly variable: string
  readonly key: string
  readonly stable: string
  readonly canary: string
}

/** One file defines both the split and the number that nginx shows of itself: what it shows is what it splits by. */
export function textOf(file: WeightFile, percent: WeightPercent, epoch: number, attempt: string): string {
  const rows =
    percent === 0
      ? [`  * ${file.stable};`]
      : percent === 100
        ? [`  * ${file.canary};`]
        : [`  ${percent}% ${file.canary};`, `  * ${file.stable};`]
  return [
    `# Written by Holdpoint: weight=${percent} epoch=${epoch} attempt=${attempt.replace(/[^\w.:/-]/g, '_')}`,
    `split_clients "${file.key}" $${file.variable} {`,
    ...rows,
    '}',
    `map "" $${file.variable}_weight {`,
    `  default "${percent}";`,
    '}',
    '',
  ].join('\n')
}

/** The epoch that wrote the file; null = no file, or not ours. */
export function epochIn(text: string | null): number | null {
  const found = /^# Written by Holdpoint: weight=\S+ epoch=(\d+)/.exec(text ?? '')
  return found ? Number(found[1]) : null
}

/** null = there is no file yet. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** nginx never reads half a file: written beside it, made durable, then moved into its place. null removes the file. */
export async function replace(path: string, text: string | null): Promise<void> {
  if (text === null) return rm(path, { force: true })
  const beside = join(dirname(path), `.${randomUUID()}.holdpoint`)
  try {
    const handle = await open(beside, 'w', 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
