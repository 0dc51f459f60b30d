/** `yaml run kind: aws-s3-sync`: a bucket has the files of a folder, or the objects of another bucket; pages come last. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Aws } from '../core/aws/client.ts'
import { etagCheck } from '../core/aws/etag.ts'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { copyObject, deleteObject, headOf, listObjects, putObject, type S3Object } from '../core/aws/s3.ts'
import { ActionFault, defineAction } from '../core/ports/action.ts'
import { withAws } from './parts/aws.ts'
import { filesBelow, mediaTypeOf } from './parts/folder.ts'

const bucket = z.string().regex(/^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|.*\{\{.*)$/, {
  error: 'expected the name of a bucket such as shop-frontend',
})

const config = z.strictObject({
  region: awsRegion,
  bucket: bucket.describe('Bucket that is changed'),
  prefix: z.string().default('').describe('Keys of its objects begin so, such as v2/'),
  from: z.string().min(1).optional().describe('Folder with the files, such as dist'),
  'from-bucket': bucket.optional().describe('Or another bucket of the region'),
  'from-prefix': z.string().default('').describe('Keys of its objects begin so'),
  delete: z.boolean().default(false).describe('What else is under the prefix is deleted, at the end'),
  'cache-control': z.string().min(1).optional().describe('Sent with every file that is put, such as max-age=300'),
  ...awsFields,
})

type Config = z.infer<typeof config>

const mostObjects = 100_000

export const awsS3Sync = defineAction({
  kind: 'aws-s3-sync',
  summary:
    'A bucket of S3 has the files of a folder, or what another bucket has; pages are put last, what is left over is deleted after them',
  config: config.refine((given) => (given.from === undefined) !== (given['from-bucket'] === undefined), {
    error: 'expected either from or from-bucket, such as from: dist',
  }),
  timeoutMs: 1_800_000,
  example:
    '```yaml run\nkind: aws-s3-sync\nregion: eu-west-1\nfrom: dist\nbucket: shop-frontend\ndelete: true\nirreversible: the rollback puts the bucket with the backup over it\n```',
  captures: [],
  secrets: (given) => awsSecrets(given),
  programs: [],
  addresses: awsAddresses(['s3']),
  run: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const work = await workOf(aws, given)
      for (const [index, { name, put }] of work.puts.entries()) {
        await put()
        if (index % 100 === 0) powers.say(`${name} (${index + 1} of ${work.puts.length})`)
      }
      for (const key of work.surplus) await deleteObject(aws, given.bucket, key)
      const left = await workOf(aws, given)
      if (left.puts.length + left.surplus.length > 0)
        throw new ActionFault(
          `${left.puts[0]?.name ?? left.surplus[0]} is not as it should be after all; does somebody else write there?`,
        )
      const done = work.puts.length + work.surplus.length
      return done === 0
        ? `${given.bucket} had all ${work.total} already`
        : `${work.puts.length} of ${work.total} put, ${work.surplus.length} deleted`
    }),
  probe: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { puts, surplus } = await workOf(aws, given)
      return puts.length + surplus.length === 0
    }),
})

interface Work {
  /** What differs, pages last: they name what has to be there before them. */
  readonly puts: readonly { readonly name: string; readonly put: () => Promise<void> }[]
  /** Keys that are deleted. */
  readonly surplus: readonly string[]
  readonly total: number
}

interface Wanted {
  readonly name: string
  /** Has this object the content? */
  readonly isSame: (object: S3Object) => Promise<boolean>
  readonly put: () => Promise<void>
}

async function workOf(aws: Aws, given: Config): Promise<Work> {
  const there = new Map(
    (await listObjects(aws, given.bucket, given.prefix, mostObjects)).map((each) => [each.key, each]),
  )
  const wanted = given.from === undefined ? await fromBucket(aws, given) : await fromFolder(aws, given, given.from)
  if (wanted.length === 0) throw new ActionFault(`there is nothing in ${given.from ?? given['from-bucket']}`)
  const puts: Wanted[] = []
  for (const one of wanted) {
    const object = there.get(given.prefix + one.name)
    if (object === undefined || !(await one.isSame(object))) puts.push(one)
  }
  const names = new Set(wanted.map(({ name }) => given.prefix + name))
  const surplus = given.delete ? [...there.keys()].filter((key) => !names.has(key)) : []
  return { puts: puts.toSorted((a, b) => rank(a.name) - rank(b.name)), surplus, total: wanted.length }
}

function rank(name: string): number {
  return /\.html?$/i.test(name) ? 1 : 0
}

async function fromFolder(aws: Aws, given: Config, folder: string): Promise<readonly Wanted[]> {
  const files = await filesBelow(folder)
  return files.map(({ name, bytes }) => {
    const read = (): Promise<Buffer> => readFile(join(folder, name))
    return {
      name,
      isSame: async (object) => object.bytes === bytes && (await isContent(aws, given.bucket, object, await read())),
      put: async () => {
        const content = await read()
        await putObject(aws, given.bucket, given.prefix + name, content, {
          'content-type': mediaTypeOf(name),
          'x-amz-meta-sha256': sha256(content),
          ...(given['cache-control'] !== undefined && { 'cache-control': given['cache-control'] }),
        })
      },
    }
  })
}

/** By its ETag where that tells, else by the hash that was put beside it. */
async function isContent(aws: Aws, name: string, object: S3Object, content: Buffer): Promise<boolean> {
  const check = etagCheck(object.etag, object.bytes)
  check.add(content)
  if (check.isSame() === true) return true
  return (await headOf(aws, name, object.key))?.sha256 === sha256(content)
}

async function fromBucket(aws: Aws, given: Config): Promise<readonly Wanted[]> {
  const source = given['from-bucket'] ?? ''
  const prefix = given['from-prefix']
  const objects = await listObjects(aws, source, prefix, mostObjects)
  return objects.map((original) => {
    const name = original.key.slice(prefix.length)
    return {
      name,
      isSame: async (object) => {
        if (object.bytes !== original.bytes) return false
        if (object.etag === original.etag) return true
        const hashes = [await headOf(aws, source, original.key), await headOf(aws, given.bucket, object.key)]
        return hashes[0]?.sha256 != null && hashes[0].sha256 === hashes[1]?.sha256
      },
      put: () =>
        copyObject(aws, { bucket: source, key: original.key }, { bucket: given.bucket, key: given.prefix + name }),
    }
  })
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
