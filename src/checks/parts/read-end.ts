/** The end of a file below the folder of the release: logs grow without end, and their newest lines are what counts. */
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, pathUnder } from './fields.ts'
import { openFile } from './open-file.ts'

const mostBytes = 32 * 1024 * 1024

/** From the first whole line on. Throws ConfigFault where there is no such file. `name` holds no variables. */
export async function readEnd(
  { root }: Pick<CheckPowers, 'root'>,
  name: string,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const real = await pathUnder({ root, variables: {} }, name)
  if (real === null) throw new ConfigFault(`there is no file ${name}`)
  const handle = await openFile(real, name)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new ConfigFault(`${name} is no file`)
    const from = Math.max(0, stat.size - mostBytes)
    const bytes = Buffer.alloc(stat.size - from)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from)
    const text = bytes.toString('utf8', 0, bytesRead)
    return { text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), isWhole: from === 0 }
  } finally {
    await handle.close()
  }
}
