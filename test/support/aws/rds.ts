/** RDS as its API describes it: instances and clusters, snapshots that take a while, pages by marker. */
import { type AwsAnswer, type AwsCall, type AwsHandler, elements, formAnswer, Refusal } from './answers.ts'

export interface DatabaseThere {
  status: string
  retentionDays: number
  encrypted: boolean
  multiZone: boolean
  protected: boolean
  public: boolean
  restorableAt: number
}

export interface SnapshotThere {
  readonly database: string
  readonly type: string
  /** How often it is still seen as being made. */
  looks: number
  readonly at: number
}

export interface Databases {
  /** Under `instance:NAME` or `cluster:NAME`. */
  readonly all: Map<string, DatabaseThere>
  readonly snapshots: Map<string, SnapshotThere>
}

export function emptyDatabases(): Databases {
  return { all: new Map(), snapshots: new Map() }
}

export function databaseThere(more: Partial<DatabaseThere> = {}): DatabaseThere {
  const kept = { encrypted: true, multiZone: true, protected: true, public: false }
  return { status: 'available', retentionDays: 7, ...kept, restorableAt: Date.now() - 60_000, ...more }
}

export function rdsHandler(databases: Databases): AwsHandler {
  return {
    protocol: 'query',
    action: ({ form }) => `rds:${form.get('Action')}`,
    answer: (call) => {
      const action = call.form.get('Action') ?? ''
      if (call.form.get('Version') !== '2014-10-31') throw new Refusal(400, 'InvalidAction', 'no such version')
      const word = action.includes('Cluster') ? 'cluster' : 'instance'
      if (/^DescribeDB(Instances|Clusters)$/.test(action)) return described(databases, word, action, call)
      if (/^DescribeDB(Cluster)?Snapshots$/.test(action)) return snapshotsListed(databases, word, action, call)
      if (/^CreateDB(Cluster)?Snapshot$/.test(action)) return created(databases, word, action, call)
      throw new Refusal(400, 'InvalidAction', `Could not find operation ${action}`)
    },
  }
}

const prefixes = { instance: 'DBInstance', cluster: 'DBCluster' } as const
const snapshotWords = { instance: 'DBSnapshot', cluster: 'DBClusterSnapshot' } as const
type Word = keyof typeof prefixes

function described({ all }: Databases, word: Word, action: string, { form }: AwsCall): AwsAnswer {
  const prefix = prefixes[word]
  const id = form.get(`${prefix}Identifier`) ?? ''
  const found = all.get(`${word}:${id}`)
  if (!found)
    throw new Refusal(404, word === 'instance' ? 'DBInstanceNotFound' : 'DBClusterNotFoundFault', `${id} not found.`)
  const own =
    word === 'instance'
      ? { DBInstanceStatus: found.status, PubliclyAccessible: found.public }
      : { Status: found.status }
  const values = {
    [`${prefix}Identifier`]: id,
    ...own,
    BackupRetentionPeriod: found.retentionDays,
    StorageEncrypted: found.encrypted,
    MultiAZ: found.multiZone,
    DeletionProtection: found.protected,
    LatestRestorableTime: new Date(found.restorableAt).toISOString(),
  }
  return formAnswer(action, `<${prefix}s><${prefix}>${elements(values)}</${prefix}></${prefix}s>`)
}

/** Two to a page. */
const page = 2

function snapshotsListed({ snapshots }: Databases, word: Word, action: string, { form }: AwsCall): AwsAnswer {
  const name = snapshotWords[word]
  const database = `${word}:${form.get(`${prefixes[word]}Identifier`) ?? ''}`
  const wanted = form.get(`${name}Identifier`)
  if (wanted !== null && !snapshots.has(wanted))
    throw new Refusal(
      404,
      word === 'instance' ? 'DBSnapshotNotFound' : 'DBClusterSnapshotNotFoundFault',
      `${wanted} not found.`,
    )
  const ids = [...snapshots]
    .filter(([id, each]) => each.database === database && (wanted ?? id) === id)
    .map(([id]) => id)
  const from = Number(form.get('Marker') ?? 0)
  const some = ids.slice(from, from + page).map((id) => {
    const { type, at, looks } = snapshots.get(id) as SnapshotThere
    ;(snapshots.get(id) as SnapshotThere).looks = Math.max(0, looks - 1)
    const state =
      looks > 0 ? { Status: 'creating' } : { Status: 'available', SnapshotCreateTime: new Date(at).toISOString() }
    const encrypted = { [word === 'instance' ? 'Encrypted' : 'StorageEncrypted']: true }
    return `<${name}>${elements({ [`${name}Identifier`]: id, SnapshotType: type, ...state, ...encrypted })}</${name}>`
  })
  const marker = from + page < ids.length ? elements({ Marker: from + page }) : ''
  return formAnswer(action, `${marker}<${name}s>${some.join('')}</${name}s>`)
}

function created({ all, snapshots }: Databases, word: Word, action: string, { form, now }: AwsCall): AwsAnswer {
  const name = snapshotWords[word]
  const database = `${word}:${form.get(`${prefixes[word]}Identifier`) ?? ''}`
  const id = form.get(`${name}Identifier`) ?? ''
  const there = all.get(database)
  if (!there)
    throw new Refusal(404, word === 'instance' ? 'DBInstanceNotFound' : 'DBClusterNotFoundFault', 'not found.')
  if (!/^[a-z](?!.*--)[a-z0-9-]{0,254}$/i.test(id) || id.endsWith('-'))
    throw new Refusal(400, 'InvalidParameterValue', 'The parameter DBSnapshotIdentifier is not a valid identifier.')
  if (snapshots.has(id)) throw new Refusal(400, 'DBSnapshotAlreadyExists', `${id} already exists.`)
  if (there.status !== 'available')
    throw new Refusal(400, 'InvalidDBInstanceState', 'The database is not in the available state.')
  snapshots.set(id, { database, type: 'manual', looks: 2, at: now })
  return formAnswer(
    action,
    `<${name}>${elements({ [`${name}Identifier`]: id, Status: 'creating', SnapshotType: 'manual' })}</${name}>`,
  )
}
