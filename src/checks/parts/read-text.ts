/** The text of a file below the folder of the release. */
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill, pathUnder } from './fields.ts'
import { openFile } from './open-file.ts'

const mostBytes = 16 * 1024 * 1024

/** Throws ConfigFault where there is none, or it is no file, or too large to be one that people write. */
export async function readText(powers: Pick<CheckPowers, 'root' | 'variables'>, path: string): Promise<string> {
  const name = fill(path, powers.variables)
  const real = await pathUnder(powers, path)
  if (real === null) throw new ConfigFault(`there is no file ${name}`)
  const handle = await openFile(real, name)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new ConfigFault(`${name} is no file`)
    if (stat.size > mostBytes) throw new ConfigFault(`${name} is ${stat.size} bytes, too large to be read`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}
