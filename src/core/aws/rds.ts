/** Databases of RDS, single or in a cluster: their state, and their snapshots. */
import type { Instant } from '../units.ts'
import { type Aws, AwsFault, orNone } from './client.ts'
import { nodesAt, textAt, type XmlNode } from './xml.ts'

/** Which of the two it is: they have the same questions under different names. */
export type DatabaseName = { readonly instance: string } | { readonly cluster: string }

export interface Database {
  /** `available`, `modifying`, … */
  readonly status: string
  /** Days that automatic backups are kept; 0 = there are none. Null = it does not say. */
  readonly retentionDays: number | null
  readonly isEncrypted: boolean
  readonly isMultiZone: boolean
  readonly isProtected: boolean
  /** Null = it does not say, as clusters do. */
  readonly isPublic: boolean | null
  /** It can be put back to any time up to this one; null = it does not say. */
  readonly restorableAt: Instant | null
}

export interface DatabaseSnapshot {
  readonly id: string
  /** `automated`, `manual`, `awsbackup`. */
  readonly type: string
  /** `available`, `creating`, … */
  readonly status: string
  /** Null = it is only being made. */
  readonly at: Instant | null
  readonly isEncrypted: boolean
}

const version = '2014-10-31'
const mostPages = 50

/** Null = there is none. Throws AwsFault. */
export async function databaseOf(aws: Aws, name: DatabaseName): Promise<Database | null> {
  const { values, action, list, item, missing } = wordsFor(name)
  const result = await orNone(aws.form('rds', version, action, values), missing)
  const [node] = result === null ? [] : nodesAt(result, list, item)
  if (node === undefined) return null
  const status = textAt(node, 'instance' in name ? 'DBInstanceStatus' : 'Status')
  if (status === null) throw new AwsFault('the answer about the database does not say its status', '', 200)
  const isPublic = textAt(node, 'PubliclyAccessible')
  return {
    status,
    retentionDays: numberAt(node, 'BackupRetentionPeriod'),
    isEncrypted: textAt(node, 'StorageEncrypted') === 'true',
    isMultiZone: textAt(node, 'MultiAZ') === 'true',
    isProtected: textAt(node, 'DeletionProtection') === 'true',
    isPublic: isPublic === null ? null : isPublic === 'true',
    restorableAt: timeAt(node, 'LatestRestorableTime'),
  }
}

/** All of them, or the one with this id; the newest first. Throws AwsFault. */
export async function snapshotsOf(aws: Aws, name: DatabaseName, id?: string): Promise<readonly DatabaseSnapshot[]> {
  const { values, snapshots, snapshot, missingSnapshot } = wordsFor(name)
  const found: DatabaseSnapshot[] = []
  let marker: string | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const asked = {
      ...values,
      ...(id !== undefined && { [`${snapshot}Identifier`]: id }),
      ...(marker !== null && { Marker: marker }),
    }
    const result: XmlNode | null = await orNone(
      aws.form('rds', version, `Describe${snapshots}`, asked),
      missingSnapshot,
    )
    if (result === null) return []
    found.push(...nodesAt(result, snapshots, snapshot).map((node) => snapshotIn(node, snapshot)))
    marker = textAt(result, 'Marker')
    if (marker === null) return found.toSorted((a, b) => (b.at ?? Number.MAX_VALUE) - (a.at ?? Number.MAX_VALUE))
  }
  throw new AwsFault(`the list of snapshots has more than ${mostPages} pages`, '', 200)
}

/** Begins it; whoever calls waits until it is available. Throws AwsFault. */
export async function createSnapshot(aws: Aws, name: DatabaseName, id: string): Promise<void> {
  const { values, snapshot } = wordsFor(name)
  await aws.form('rds', version, `Create${snapshot}`, { ...values, [`${snapshot}Identifier`]: id }, { changes: true })
}

interface Words {
  readonly values: Readonly<Record<string, string>>
  readonly action: string
  readonly list: string
  readonly item: string
  readonly missing: string
  readonly snapshots: string
  readonly snapshot: string
  readonly missingSnapshot: string
}

function wordsFor(name: DatabaseName): Words {
  const [word, id] = 'instance' in name ? ['DBInstance', name.instance] : ['DBCluster', name.cluster]
  const snapshot = 'instance' in name ? 'DBSnapshot' : 'DBClusterSnapshot'
  return {
    values: { [`${word}Identifier`]: id },
    action: `Describe${word}s`,
    list: `${word}s`,
    item: word,
    missing: 'instance' in name ? 'DBInstanceNotFound' : 'DBClusterNotFoundFault',
    snapshots: `${snapshot}s`,
    snapshot,
    missingSnapshot: 'instance' in name ? 'DBSnapshotNotFound' : 'DBClusterSnapshotNotFoundFault',
  }
}

function snapshotIn(node: XmlNode, word: string): DatabaseSnapshot {
  const id = textAt(node, `${word}Identifier`)
  if (id === null) throw new AwsFault('the list of snapshots is not as RDS gives it', '', 200)
  return {
    id,
    type: textAt(node, 'SnapshotType') ?? '',
    status: textAt(node, 'Status') ?? '',
    at: timeAt(node, 'SnapshotCreateTime'),
    isEncrypted: (textAt(node, 'Encrypted') ?? textAt(node, 'StorageEncrypted')) === 'true',
  }
}

function numberAt(node: XmlNode, name: string): number | null {
  const text = textAt(node, name)
  return text !== null && /^\d+$/.test(text) ? Number(text) : null
}

function timeAt(node: XmlNode, name: string): Instant | null {
  const at = Date.parse(textAt(node, name) ?? '')
  return Number.isNaN(at) ? null : at
}
