/** Files that Holdpoint writes whole for a balancer: who wrote them last, and how they are replaced. */
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WeightPercent } from '../core/units.ts'

/** The first line: a comment in whatever `#` begins one. */
export function ownerLine(percent: WeightPercent, epoch: number, attempt: string): string {
  return `# Written by Holdpoint: weight=${percent} epoch=${epoch} attempt=${attempt.replace(/[^\w.:/-]/g, '_')}`
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

/** Nobody reads half a file: written beside it, made durable, then moved into its place. null removes the file. */
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
