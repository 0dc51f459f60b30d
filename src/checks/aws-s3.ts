/** `yaml check kind: aws-s3`: a bucket has what it should, young enough, and is kept as it should be. */
import { z } from 'zod'
import { type Aws, orNone } from '../core/aws/client.ts'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { encryptionOf, listObjects, openToPublic, type S3Object, versioningOf } from '../core/aws/s3.ts'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { comparedFinding, comparedWithBucket, comparedWithFolder } from './aws-state/same-objects.ts'
import { ageProblem } from './parts/age.ts'
import { textEvidence } from './parts/evidence.ts'
import { bytesOf, ConfigFault, durationField, pathUnder, sizeField } from './parts/fields.ts'
import { counted, type Finding, judgedFindings, listed, factsOf } from './parts/finding.ts'
import { sayMillis } from './parts/say.ts'

const bucketName = z.string().regex(/^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|.*\{\{.*)$/, {
  error: 'expected the name of a bucket such as acme-backups',
})

const config = z.strictObject({
  region: awsRegion,
  bucket: bucketName.describe('Name of the bucket'),
  prefix: z.string().default('').describe('Only objects whose keys begin so, such as postgres/'),
  'newer-than': durationField.optional().describe('The newest of them was put at most this long ago'),
  'min-size': sizeField.optional().describe('The newest of them has at least this size'),
  'min-objects': z.number().int().positive().optional().describe('At least so many objects'),
  exists: z.array(z.string().min(1)).min(1).optional().describe('Keys, after the prefix, that have to be there'),
  'same-as': z.string().min(1).optional().describe('Folder whose files have to be the objects, after the prefix'),
  'same-as-bucket': bucketName
    .optional()
    .describe('Another bucket of the region with the same objects under the same prefix'),
  extra: z.boolean().default(false).describe('Objects besides those of same-as are no fault'),
  versioning: z.boolean().optional().describe('Versioning is enabled, or with false is not'),
  encrypted: z
    .union([z.literal(true), z.enum(['AES256', 'aws:kms', 'aws:kms:dsse'])])
    .optional()
    .describe('New objects are encrypted, by any algorithm (true) or by this one'),
  private: z.literal(true).optional().describe('All four blocks of public access are set'),
  ...awsFields,
})

type Config = z.infer<typeof config>

const aboutObjects = ['newer-than', 'min-size', 'min-objects', 'exists', 'same-as', 'same-as-bucket'] as const
const questions = [...aboutObjects, 'versioning', 'encrypted', 'private'] as const
const mostObjects = 200_000

export const awsS3 = defineCheck({
  kind: 'aws-s3',
  summary: 'A bucket of S3 has what it should, young enough, and is versioned, encrypted and private',
  config: config.refine((given) => questions.some((name) => given[name] !== undefined), {
    error: 'expected at least one thing to look at, such as newer-than: 24h',
  }),
  needs: ['http', 'secret', 'files'],
  addresses: awsAddresses(['s3']),
  secrets: awsSecrets,
  timeoutMs: 300_000,
  example:
    '```yaml check\nkind: aws-s3\nregion: eu-west-1\nbucket: acme-backups\nprefix: postgres/\nnewer-than: 24h\nversioning: true\nencrypted: true\n```',
  facts: {
    objects: 'int',
    bytes: 'int',
    newest: 'string',
    newest_age_seconds: 'double',
    newest_bytes: 'int',
    missing: 'list',
    different: 'list',
    extra: 'list',
    same: 'int',
    versioning: 'string',
    encryption: 'list',
  },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const aws = awsFor(asked, powers)
    const objects = aboutObjects.some((name) => asked[name] !== undefined)
    const list = await orNone(
      objects ? listObjects(aws, asked.bucket, asked.prefix, mostObjects) : none(),
      'NoSuchBucket',
    )
    const kept = list === null ? null : await orNone(keptFindings(aws, asked), 'NoSuchBucket')
    if (list === null || kept === null)
      return { outcome: 'failed', say: `there is no bucket ${asked.bucket}`, evidence: [] }
    const findings = [...(objects ? await objectFindings(aws, list, asked, powers) : []), ...kept]
    const where = `${asked.bucket}${asked.prefix === '' ? '' : `/${asked.prefix}`}`
    const newest = objects ? newestOf(list) : undefined
    const lines = [where, ...findings.flatMap((finding) => finding.lines), ...list.slice(0, 1000).map(lineOf)]
    const evidence = textEvidence('bucket.txt', `${lines.join('\n')}\n`)
    const captures = newest === undefined ? {} : { captures: { newest: newest.key } }
    return judgedFindings(where, findings, factsOf(findings), powers, { evidence, ...captures })
  },
  async probe(given, powers) {
    const asked = filledBy(config, given, powers)
    const status = await orNone(versioningOf(awsFor(asked, powers), asked.bucket), 'NoSuchBucket')
    return { ok: true, say: `${asked.bucket} answers (versioning: ${status ?? 'never'})` }
  },
})

async function none(): Promise<readonly S3Object[]> {
  return Promise.resolve([])
}

function newestOf(objects: readonly S3Object[]): S3Object | undefined {
  return objects.reduce<S3Object | undefined>(
    (newest, each) => (newest && newest.at >= each.at ? newest : each),
    undefined,
  )
}

function lineOf({ key, bytes, at }: S3Object): string {
  return `${new Date(at).toISOString()} ${bytes} ${key}`
}

async function objectFindings(
  aws: Aws,
  objects: readonly S3Object[],
  given: Config,
  powers: CheckPowers,
): Promise<readonly Finding[]> {
  const findings = [countFinding(objects, given), ...newestFindings(objects, given, powers)]
  const keys = new Set(objects.map(({ key }) => key))
  const { exists, prefix, bucket } = given
  if (exists !== undefined) {
    const missing = exists.filter((key) => !keys.has(prefix + key))
    const say = missing.length > 0 ? `there is no ${listed(missing)}` : `${listed(exists)} there`
    findings.push({ state: missing.length > 0 ? 'bad' : 'good', say, lines: [], facts: { missing } })
  }
  const here = { name: bucket, prefix, objects }
  const folder = given['same-as']
  if (folder !== undefined) {
    const path = await pathUnder(powers, folder)
    if (path === null) throw new ConfigFault(`there is no folder ${folder}`)
    findings.push(comparedFinding(folder, await comparedWithFolder(aws, here, path), given.extra))
  }
  const other = given['same-as-bucket']
  if (other !== undefined) {
    const there = await orNone(listObjects(aws, other, prefix, mostObjects), 'NoSuchBucket')
    if (there === null) throw new ConfigFault(`there is no bucket ${other}`)
    findings.push(
      comparedFinding(other, comparedWithBucket(here, { name: other, prefix, objects: there }), given.extra),
    )
  }
  return findings
}

function countFinding(objects: readonly S3Object[], given: Config): Finding {
  const least = given['min-objects'] ?? (given['newer-than'] === undefined && given['min-size'] === undefined ? 0 : 1)
  const bytes = objects.reduce((sum, each) => sum + each.bytes, 0)
  const facts = { objects: objects.length, bytes }
  if (objects.length >= least) return { state: 'good', say: counted(objects.length, 'object'), lines: [], facts }
  const say = `${counted(objects.length, 'object')} under ${given.bucket}/${given.prefix}, at least ${least} expected`
  return { state: 'bad', say, lines: [], facts }
}

function newestFindings(objects: readonly S3Object[], given: Config, { clock }: CheckPowers): readonly Finding[] {
  const newest = newestOf(objects)
  if (newest === undefined) return []
  const ageMs = clock.now() - newest.at
  const facts = { newest: newest.key, newest_age_seconds: ageMs / 1_000, newest_bytes: newest.bytes }
  const limit = given['newer-than']
  const old = ageProblem(newest.key, ageMs, limit)
  const least = bytesOf(given['min-size'] ?? 0)
  if (old !== null) return [{ state: old.outcome === 'failed' ? 'bad' : 'unknown', say: old.say, lines: [], facts }]
  if (newest.bytes < least)
    return [
      { state: 'bad', say: `${newest.key} has ${newest.bytes} bytes, at least ${least} expected`, lines: [], facts },
    ]
  const most = limit === undefined ? '' : `, at most ${limit} allowed`
  const say = `the newest is ${newest.key}, ${sayMillis(Math.max(0, ageMs))} old${most}, ${newest.bytes} bytes`
  return [{ state: 'good', say, lines: [], facts }]
}

async function keptFindings(
  aws: Aws,
  { bucket, versioning, encrypted, private: isPrivate }: Config,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const add = (isGood: boolean, say: string, facts: Finding['facts']): void =>
    void findings.push({ state: isGood ? 'good' : 'bad', say, lines: [say], facts })
  if (versioning !== undefined) {
    const status = (await versioningOf(aws, bucket)) ?? 'never enabled'
    const say = `versioning of ${bucket} is ${status}${versioning === (status === 'Enabled') ? '' : `, expected ${versioning ? 'Enabled' : 'not to be'}`}`
    add(versioning === (status === 'Enabled'), say, { versioning: status })
  }
  if (encrypted !== undefined) {
    const found = await encryptionOf(aws, bucket)
    const isGood = found.length > 0 && (encrypted === true || found.every((each) => each === encrypted))
    const wanted = isGood ? '' : `, expected ${encrypted === true ? 'an algorithm' : encrypted}`
    add(isGood, `encryption of ${bucket} is ${found.join(', ') || 'not set'}${wanted}`, { encryption: [...found] })
  }
  if (isPrivate !== undefined) {
    const open = await openToPublic(aws, bucket)
    add(
      open.length === 0,
      open.length === 0
        ? 'all public access is blocked'
        : `${bucket} does not block public access: ${open.join(', ')} not set`,
      {},
    )
  }
  return findings
}
