/** Are the objects of a bucket the files of a folder, or those of another bucket? By names, sizes and ETags. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Aws } from '../../core/aws/client.ts'
import { etagCheck } from '../../core/aws/etag.ts'
import { headOf, type S3Object } from '../../core/aws/s3.ts'
import { ConfigFault } from '../parts/fields.ts'
import { counted, type Finding, listed } from '../parts/finding.ts'

const mostFiles = 50_000

/** Names relative to a prefix or folder. */
export interface Compared {
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly different: readonly string[]
  /** Of the same size, with an ETag that says nothing about the content. */
  readonly unknown: readonly string[]
  readonly same: number
}

export interface ComparedBucket {
  readonly name: string
  readonly prefix: string
  readonly objects: readonly S3Object[]
}

export async function comparedWithFolder(aws: Aws, bucket: ComparedBucket, folder: string): Promise<Compared> {
  const files = await filesIn(folder)
  const found = byName(bucket)
  const states = new Map<string, boolean | null>()
  for (const [name, bytes] of files) {
    const object = found.get(name)
    if (object === undefined) continue
    states.set(name, object.bytes === bytes ? await isFile(aws, bucket.name, object, join(folder, name)) : false)
  }
  return compared([...files.keys()], [...found.keys()], states)
}

export function comparedWithBucket(bucket: ComparedBucket, other: ComparedBucket): Compared {
  const wanted = byName(other)
  const found = byName(bucket)
  const states = new Map<string, boolean | null>()
  for (const [name, object] of found) {
    const original = wanted.get(name)
    if (original === undefined) continue
    // An ETag of parts, or of KMS, differs for the same bytes.
    states.set(
      name,
      original.bytes !== object.bytes ? false : original.etag === object.etag || isPlainPair(original, object),
    )
  }
  return compared([...wanted.keys()], [...found.keys()], states)
}

/** Objects that are there besides do no harm where they are allowed. */
export function comparedFinding(
  what: string,
  { missing, extra, different, unknown, same }: Compared,
  allowsExtra: boolean,
): Finding {
  const wrong = [
    ...(missing.length > 0 ? [`${counted(missing.length, 'file')} missing: ${listed(missing)}`] : []),
    ...(different.length > 0 ? [`${counted(different.length, 'file')} different: ${listed(different)}`] : []),
    ...(extra.length > 0 && !allowsExtra ? [`${counted(extra.length, 'object')} besides: ${listed(extra)}`] : []),
  ]
  const facts = { same, missing: [...missing], different: [...different], extra: [...extra] }
  const lines = Object.entries({ missing, different, extra, unknown }).flatMap(([state, names]) =>
    names.slice(0, 1000).map((name) => `${state} ${name}`),
  )
  if (wrong.length > 0) return { state: 'bad', say: `not the same as ${what}: ${wrong.join(', ')}`, lines, facts }
  if (unknown.length > 0)
    return {
      state: 'unknown',
      say: `${counted(unknown.length, 'object')} have an ETag that does not tell whether they are as in ${what}: ${listed(unknown)}`,
      lines,
      facts,
    }
  if (same === 0) return { state: 'unknown', say: `${what} is empty, so nothing was compared`, lines, facts }
  return { state: 'good', say: `${counted(same, 'object')} as in ${what}`, lines, facts }
}

/** False only where both ETags are the MD5 of the content. */
function isPlainPair(a: S3Object, b: S3Object): false | null {
  return [a, b].every(({ etag }) => /^[0-9a-f]{32}$/.test(etag)) ? false : null
}

function compared(
  wanted: readonly string[],
  found: readonly string[],
  states: ReadonlyMap<string, boolean | null>,
): Compared {
  const of = (state: boolean | null): readonly string[] =>
    [...states].filter(([, each]) => each === state).map(([name]) => name)
  return {
    missing: wanted.filter((name) => !states.has(name)),
    extra: found.filter((name) => !states.has(name)),
    different: of(false),
    unknown: of(null),
    same: of(true).length,
  }
}

function byName({ prefix, objects }: ComparedBucket): ReadonlyMap<string, S3Object> {
  // Consoles make empty objects that stand for a folder.
  const files = objects.filter(({ key, bytes }) => !(key.endsWith('/') && bytes === 0))
  return new Map(files.map((object) => [object.key.slice(prefix.length), object]))
}

async function isFile(aws: Aws, bucket: string, { key, etag, bytes }: S3Object, path: string): Promise<boolean | null> {
  const check = etagCheck(etag, bytes)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) {
    check.add(chunk as Uint8Array)
    hash.update(chunk as Uint8Array)
  }
  const isSame = check.isSame()
  if (isSame === true) return true
  const { encryption = null, sha256 = null } = (await headOf(aws, bucket, key)) ?? {}
  // What KMS encrypts has an ETag that looks like an MD5 and is none; whoever put it may have told its hash.
  if (isSame === false && (encryption === null || encryption === 'AES256')) return false
  return sha256 === null ? null : sha256 === hash.digest('hex')
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length + 1)
    if (!entry.isFile()) throw new ConfigFault(`${name} is no file, and no folder`)
    found.set(name, (await lstat(path)).size)
    if (found.size > mostFiles) throw new ConfigFault(`the folder has more than ${mostFiles} files`)
  }
  return found
}
