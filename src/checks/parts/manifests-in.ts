/** The manifests in files below the folder of the release. */
import { type Manifest, ManifestFault, readManifests } from '../../core/kubernetes/manifest.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill } from './fields.ts'
import { filesNamed } from './files-named.ts'
import { readText } from './read-text.ts'

const mostFiles = 500

/** Throws ConfigFault where a path names no file, or one holds no manifests. */
export async function manifestsIn(
  paths: readonly string[],
  powers: Pick<CheckPowers, 'root' | 'variables'>,
): Promise<readonly Manifest[]> {
  const found: Manifest[] = []
  for (const path of paths) {
    const files = await filesNamed(path, powers, mostFiles)
    if (files.length === 0) throw new ConfigFault(`there is no file ${fill(path, powers.variables)}`)
    for (const file of files) found.push(...inWords(await readText({ ...powers, variables: {} }, file), file))
  }
  return found
}

function inWords(text: string, file: string): readonly Manifest[] {
  try {
    return readManifests(text, file)
  } catch (fault) {
    throw fault instanceof ManifestFault ? new ConfigFault(fault.message) : fault
  }
}
