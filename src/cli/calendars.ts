/** Calendar files that the windows of a checklist name, read from its folder. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { DocumentBody } from '../api/client-types.ts'
import { UsageFault } from './faults.ts'

export type Calendars = NonNullable<DocumentBody['calendars']>

/** More is no calendar; compiling says how many characters one may have. */
const MOST_BYTES = 1 << 20

/** Those that are there; compiling tells of the others. Throws UsageFault for one that is no text or lies elsewhere. */
export async function calendarsBeside(
  root: string,
  bytes: Uint8Array,
  shared: DocumentBody['shared'],
): Promise<Calendars> {
  return readNamed(bytes, shared, (file) => readBeside(root, file))
}

/** `read` answers null where there is no such file. */
export async function readNamed(
  bytes: Uint8Array,
  shared: DocumentBody['shared'],
  read: (file: string) => Promise<Uint8Array | null>,
): Promise<Calendars> {
  // Hardly any checklist names one, and reading YAML takes its time.
  if (!Buffer.from(bytes).includes('.ics') && shared?.text.includes('.ics') !== true) return []
  const { calendarsNamed } = await import('../core/plan/calendars.ts')
  const names = calendarsNamed(Buffer.from(bytes).toString('utf8'), shared?.text ?? null)
  const found = await Promise.all(names.map(async (file) => ({ file, bytes: await read(file) })))
  return found.flatMap((each) =>
    each.bytes === null ? [] : [{ file: each.file, text: textOf(each.file, each.bytes) }],
  )
}

async function readBeside(root: string, file: string): Promise<Uint8Array | null> {
  try {
    const path = await realpath(join(root, file))
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep))
      throw new UsageFault(`the calendar ${file} leads out of ${root}; copy it there, for example: cp ${path} ${root}`)
    const { size } = await stat(path)
    if (size > MOST_BYTES)
      throw new UsageFault(`the calendar ${file} has ${size} bytes, expected at most ${MOST_BYTES}`)
    return await readFile(path)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return null
    throw fault
  }
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UsageFault(
      `the calendar ${file} is not UTF-8; for example: iconv -f WINDOWS-1252 -t UTF-8 ${file} > utf8.ics`,
    )
  }
}
