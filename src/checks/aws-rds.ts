/** `yaml check kind: aws-rds`: a database of RDS is up, and its backups are young, kept long enough and encrypted. */
import { z } from 'zod'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { type Database, type DatabaseName, databaseOf, type DatabaseSnapshot, snapshotsOf } from '../core/aws/rds.ts'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import { awsFor, filledBy } from './aws-state/asked.ts'
import { compared, found, missing, told } from './aws-state/told.ts'
import { ageProblem } from './parts/age.ts'
import { durationField } from './parts/fields.ts'
import type { Finding } from './parts/finding.ts'
import { sayMillis } from './parts/say.ts'

const config = z.strictObject({
  region: awsRegion,
  instance: z.string().min(1).optional().describe('Name of the database'),
  cluster: z.string().min(1).optional().describe('Or name of the cluster'),
  status: z.string().min(1).default('available').describe('What its status has to be'),
  'retention-days': z.number().int().positive().optional().describe('Automatic backups are kept at least so many days'),
  'snapshot-newer-than': durationField.optional().describe('The newest snapshot that is complete is at most this old'),
  snapshots: z.enum(['any', 'automated', 'manual']).default('any').describe('Which snapshots count for that'),
  'restorable-within': durationField.optional().describe('It can be put back to a time that is at most this long ago'),
  encrypted: z.literal(true).optional().describe('It is encrypted, and so is the newest snapshot'),
  'multi-az': z.boolean().optional().describe('It stands in several zones, or with false does not'),
  'deletion-protection': z.boolean().optional().describe('It is protected from being deleted'),
  private: z.literal(true).optional().describe('It has no public address'),
  ...awsFields,
})

type Config = z.infer<typeof config>

export const awsRds = defineCheck({
  kind: 'aws-rds',
  summary: 'A database of RDS is up, and its backups are young, kept long enough and encrypted',
  config: config.refine((given) => (given.instance === undefined) !== (given.cluster === undefined), {
    error: 'expected either instance or cluster, such as instance: shop-prod',
  }),
  needs: ['http', 'secret'],
  addresses: awsAddresses(['rds']),
  secrets: awsSecrets,
  timeoutMs: 120_000,
  example:
    '```yaml check\nkind: aws-rds\nregion: eu-west-1\ninstance: shop-prod\nretention-days: 7\nsnapshot-newer-than: 24h\nencrypted: true\nmulti-az: true\n```',
  facts: {
    status: 'string',
    retention_days: 'int',
    snapshot: 'string',
    snapshot_age_seconds: 'double',
    snapshots: 'int',
    encrypted: 'bool',
    multi_az: 'bool',
  },
  async run(given, powers) {
    const asked = filledBy(config, given, powers)
    const aws = awsFor(asked, powers)
    const name = nameOf(asked)
    const database = await databaseOf(aws, name)
    if (database === null) return missing(`there is no database ${said(asked)}`)
    const all =
      asked['snapshot-newer-than'] === undefined && asked.encrypted === undefined ? [] : await snapshotsOf(aws, name)
    const counted = all.filter(
      ({ type, status }) => status === 'available' && (asked.snapshots === 'any' || type === asked.snapshots),
    )
    const findings = [...stateFindings(database, asked, powers), ...snapshotFindings(counted, asked, powers)]
    const lines = all.map(
      ({ id, type, status, at }) => `${at === null ? '-' : new Date(at).toISOString()} ${type} ${status} ${id}`,
    )
    const newest = counted[0]?.id
    return told(said(asked), findings, lines, powers, newest === undefined ? {} : { snapshot: newest })
  },
  async probe(given, powers) {
    const asked = filledBy(config, given, powers)
    const database = await databaseOf(awsFor(asked, powers), nameOf(asked))
    return {
      ok: database !== null,
      say: database === null ? `there is no ${said(asked)}` : `${said(asked)} is ${database.status}`,
    }
  },
})

function nameOf({ instance = '', cluster }: Config): DatabaseName {
  return cluster === undefined ? { instance } : { cluster }
}

function said({ instance, cluster }: Config): string {
  return instance ?? cluster ?? ''
}

function stateFindings(database: Database, given: Config, { clock }: CheckPowers): readonly Finding[] {
  const { status, retentionDays, isEncrypted, isMultiZone, isProtected, isPublic, restorableAt } = database
  const facts = { status, retention_days: retentionDays ?? 0, encrypted: isEncrypted, multi_az: isMultiZone }
  const findings: Finding[] = [{ ...compared('it', status, given.status), facts }]
  const days = given['retention-days']
  if (days !== undefined)
    findings.push(
      retentionDays === null
        ? found('unknown', 'it does not say how long backups are kept')
        : found(
            retentionDays >= days,
            `backups are kept ${retentionDays} days, at least ${days} ${retentionDays >= days ? 'asked' : 'expected'}`,
          ),
    )
  const within = given['restorable-within']
  if (within !== undefined) findings.push(restorable(restorableAt, within, clock.now()))
  if (given.encrypted !== undefined)
    findings.push(found(isEncrypted, isEncrypted ? 'encrypted' : 'it is not encrypted'))
  if (given['multi-az'] !== undefined) findings.push(compared('multi-az', isMultiZone, given['multi-az']))
  const guarded = given['deletion-protection']
  if (guarded !== undefined) findings.push(compared('deletion protection', isProtected, guarded))
  if (given.private !== undefined)
    findings.push(
      isPublic === null
        ? found('unknown', 'it does not say whether it has a public address, as clusters do not')
        : found(!isPublic, isPublic ? 'it has a public address' : 'without a public address'),
    )
  return findings
}

function restorable(at: number | null, within: string, now: number): Finding {
  if (at === null) return found('unknown', 'it does not say to which time it can be put back')
  const old = ageProblem('the newest time it can be put back to', now - at, within)
  if (old !== null) return found(old.outcome === 'failed' ? 'bad' : 'unknown', old.say)
  return found(true, `it can be put back to ${sayMillis(Math.max(0, now - at))} ago`)
}

function snapshotFindings(
  snapshots: readonly DatabaseSnapshot[],
  given: Config,
  { clock }: CheckPowers,
): readonly Finding[] {
  const limit = given['snapshot-newer-than']
  const [newest] = snapshots
  if (newest === undefined || newest.at === null) {
    if (limit === undefined) return []
    return [
      found(false, `there is no ${given.snapshots === 'any' ? '' : `${given.snapshots} `}snapshot that is complete`, {
        snapshots: 0,
      }),
    ]
  }
  const ageMs = clock.now() - newest.at
  const facts = { snapshot: newest.id, snapshot_age_seconds: ageMs / 1_000, snapshots: snapshots.length }
  const old = ageProblem(`snapshot ${newest.id}`, ageMs, limit)
  const findings = [
    old === null
      ? found(
          true,
          `snapshot ${newest.id} is ${sayMillis(Math.max(0, ageMs))} old${limit === undefined ? '' : `, at most ${limit} allowed`}`,
          facts,
        )
      : found(old.outcome === 'failed' ? 'bad' : 'unknown', old.say, facts),
  ]
  if (given.encrypted !== undefined && !newest.isEncrypted)
    findings.push(found(false, `snapshot ${newest.id} is not encrypted`))
  return findings
}
