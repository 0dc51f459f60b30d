/** The manifests in files where an action runs. */
import { glob, readFile } from 'node:fs/promises'
import { type Manifest, readManifests } from '../../core/kubernetes/manifest.ts'
import { ActionFault } from '../../core/ports/action.ts'

/** In the order of the paths, and of the names within a pattern. Throws ActionFault and ManifestFault. */
export async function manifestsAt(paths: readonly string[]): Promise<readonly Manifest[]> {
  const found: Manifest[] = []
  for (const path of paths) {
    const files = path.includes('*') ? await matching(path) : [path]
    if (files.length === 0) throw new ActionFault(`there is no file ${path}`)
    for (const file of files) found.push(...readManifests(await textOf(file), file))
  }
  if (found.length === 0) throw new ActionFault(`${paths.join(', ')} holds no manifest`)
  return found
}

async function matching(pattern: string): Promise<readonly string[]> {
  const files: string[] = []
  for await (const file of glob(pattern)) files.push(file)
  return files.toSorted()
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ActionFault(
      (cause as { code?: string }).code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read`,
    )
  }
}
