/** Files below the folder of the release by a path, or by a pattern with `*`. */
import { glob } from 'node:fs/promises'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill, pathUnder } from './fields.ts'

/** Their names from that folder on, in order; none for a path where nothing is. Throws ConfigFault for more than `most`. */
export async function filesNamed(
  path: string,
  powers: Pick<CheckPowers, 'root' | 'variables'>,
  most: number,
): Promise<readonly string[]> {
  const name = fill(path, powers.variables)
  if (!name.includes('*')) return (await pathUnder(powers, path)) === null ? [] : [name]
  const found: string[] = []
  for await (const entry of glob(name, { cwd: powers.root })) {
    found.push(entry)
    if (found.length > most) throw new ConfigFault(`${name} names more than ${most} files`)
  }
  return found.toSorted()
}
