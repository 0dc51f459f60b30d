/** Files of a release at GitHub: which are to be there, which are, and their upload, read back by digest. */
import { createHash } from 'node:crypto'
import { glob, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import type { Github } from '../../core/github/api.ts'
import { ActionFault } from '../../core/ports/action.ts'
import { mediaTypeOf } from './folder.ts'
import { shaped } from './github.ts'

/** A file that is to be downloaded from the release. */
export interface AssetFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** `sha256:…`. */
  readonly digest: string
}

export const assetShape = z.object({
  id: z.number(),
  name: z.string(),
  size: z.number(),
  /** `uploaded`, or `starter` of one that broke off. */
  state: z.string(),
  /** Older servers of GitHub Enterprise tell none. */
  digest: z.string().nullish(),
})
export type Asset = z.infer<typeof assetShape>

const mostFiles = 200
/** A file is sent in one piece. */
const mostBytes = 512 * 1024 * 1024

/** By paths and patterns from the folder of the block; each has to find something. Throws ActionFault. */
export async function assetFiles(patterns: readonly string[]): Promise<readonly AssetFile[]> {
  const paths = new Set<string>()
  for (const pattern of patterns) {
    const found: string[] = []
    for await (const path of glob(pattern)) if ((await stat(path)).isFile()) found.push(path)
    if (found.length === 0) throw new ActionFault(`there is no file ${pattern}`)
    for (const path of found.toSorted()) paths.add(path)
  }
  if (paths.size > mostFiles)
    throw new ActionFault(`these are ${paths.size} files, at most ${mostFiles} are put to a release`)
  const names = new Map<string, string>()
  for (const path of paths) expectName(basename(path), path, names)
  return Promise.all([...names].map(([name, path]) => fileAt(name, path)))
}

/** GitHub would give another name to one with spaces or dots at its ends, under which nobody would look for it. */
function expectName(name: string, path: string, names: Map<string, string>): void {
  const other = names.get(name)
  if (other !== undefined) throw new ActionFault(`${other} and ${path} would both be called ${name}`)
  if (!/^[\w+-](?:[\w.+-]*[\w+-])?$/.test(name))
    throw new ActionFault(`${path}: GitHub takes letters, digits, and . _ + - inside the name of a file; rename it`)
  names.set(name, path)
}

async function fileAt(name: string, path: string): Promise<AssetFile> {
  const { size } = await stat(path)
  if (size === 0) throw new ActionFault(`${path} is empty, which GitHub does not take`)
  if (size > mostBytes) throw new ActionFault(`${path} has ${size} bytes, more than is sent in one piece`)
  return { name, path, bytes: size, digest: digestOf(await readFile(path)) }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** What is to be put there, over what; and what is there with another content. */
export interface AssetWork {
  readonly missing: readonly AssetFile[]
  readonly different: readonly { readonly file: AssetFile; readonly asset: Asset }[]
}

/** One that broke off counts as different: GitHub keeps its name until it is deleted. */
export function assetWork(files: readonly AssetFile[], assets: readonly Asset[]): AssetWork {
  const missing: AssetFile[] = []
  const different: { file: AssetFile; asset: Asset }[] = []
  for (const file of files) {
    const asset = assets.find(({ name }) => name === file.name)
    if (asset === undefined) missing.push(file)
    else if (asset.state !== 'uploaded' || asset.digest !== file.digest) different.push({ file, asset })
  }
  return { missing, different }
}

/** Uploads one file, and holds what GitHub says about it to what was read here. */
export async function putAsset(github: Github, address: string, file: AssetFile): Promise<void> {
  const bytes = await readFile(file.path)
  if (digestOf(bytes) !== file.digest) throw new ActionFault(`${file.path} changed while it was being published`)
  const url = `${address.replace(/\{[^}]*\}$/, '')}?name=${encodeURIComponent(file.name)}`
  const answer = await github.upload(url, bytes, mediaTypeOf(file.name))
  const { name, size, state, digest } = shaped(assetShape, answer, `file ${file.name}`)
  const isSame = digest === null || digest === undefined ? size === file.bytes : digest === file.digest
  if (name !== file.name || state !== 'uploaded' || !isSame)
    throw new ActionFault(`GitHub has ${file.name} as ${name}, ${state}, ${size} bytes, ${digest ?? 'no digest'}`)
}
