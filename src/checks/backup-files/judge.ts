/** What is wrong with backups that were looked at. */
import type { CheckOutcome } from '../../core/ports/check.ts'
import type { Json, Millis } from '../../core/units.ts'
import { sayMillis } from '../parts/say.ts'
import type { BackupsTold } from './script.ts'

/** null = nothing was asked. */
export interface BackupLimits {
  readonly files: string
  readonly newestMs: Millis
  readonly atLeast: number | null
  readonly reachesBackMs: Millis | null
  readonly gapMs: Millis | null
  /** Part of the size of the one before, from 0 to 1. */
  readonly ofPrevious: number | null
  readonly encrypted: boolean
  readonly integrity: boolean
}

export interface Judged {
  readonly outcome: CheckOutcome
  readonly say: string
  readonly facts: Readonly<Record<string, Json>>
}

export function judgeBackups(told: BackupsTold, limits: BackupLimits): Judged {
  const facts = factsOf(told)
  if (told.broken !== null) return { outcome: 'errored', say: told.broken, facts }
  const { newest, bad } = told
  if (newest === null) return { outcome: 'failed', say: whyNone(told, limits.files), facts }
  const age = ageOf(told, newest.completedAt)
  const [worst] = bad
  const problems = [
    worst && `${worst.name}, which is newer, is broken: ${worst.why}`,
    age > limits.newestMs && `the newest is ${sayMillis(age)} old, at most ${sayMillis(limits.newestMs)} allowed`,
    limits.encrypted && newest.encrypted === null && 'it is not encrypted, as far as its first bytes say',
    ...keptProblems(told, limits),
  ].filter((one) => typeof one === 'string')
  if (problems.length > 0) return { outcome: 'failed', say: `${newest.name}: ${problems.join('; ')}`, facts }
  const is = newest.is ?? 'of unknown kind'
  const standing = `${newest.name} (${is}), ${sayMillis(age)} old`
  if (limits.integrity && !newest.isRead)
    return { outcome: 'inconclusive', say: `${standing}: ${whyUnread(told)}`, facts }
  const count = told.files.length === 1 ? '' : `, the newest of ${told.files.length}`
  return { outcome: 'passed', say: `${standing}${limits.integrity ? ', reads to its end' : ''}${count}`, facts }
}

function ageOf({ startedAt }: BackupsTold, completedAt: number): Millis {
  return Math.max(0, startedAt - completedAt)
}

function keptProblems(told: BackupsTold, limits: BackupLimits): readonly (string | false)[] {
  const { files, bad } = told
  const good = files.filter(({ name }) => bad.every((one) => one.name !== name))
  const oldest = good.at(-1)
  const before = good[1]
  const { ofPrevious, gapMs, atLeast, reachesBackMs } = limits
  const gap = largestGap(told)
  const back = oldest === undefined ? 0 : ageOf(told, oldest.completedAt)
  const part = before === undefined || before.bytes === 0 ? 1 : (good[0]?.bytes ?? 0) / before.bytes
  return [
    atLeast !== null && good.length < atLeast && `${good.length} are kept, expected at least ${atLeast}`,
    reachesBackMs !== null &&
      back < reachesBackMs &&
      `the oldest is ${sayMillis(back)} old, expected to reach back ${sayMillis(reachesBackMs)}`,
    gapMs !== null && gap > gapMs && `${sayMillis(gap)} lie between two of them, at most ${sayMillis(gapMs)} allowed`,
    ofPrevious !== null &&
      part < ofPrevious &&
      `it has ${Math.round(part * 100)} % of the bytes of the one before, expected at least ${Math.round(ofPrevious * 100)} %`,
  ]
}

function largestGap({ files }: BackupsTold): Millis {
  return files.slice(1).reduce((most, one, at) => Math.max(most, (files[at]?.completedAt ?? 0) - one.completedAt), 0)
}

function whyNone({ bad, skipped }: BackupsTold, files: string): string {
  const [first] = [...bad, ...skipped]
  return first === undefined ? `there is no backup like ${files}` : `no backup is complete; ${first.name}: ${first.why}`
}

function whyUnread({ newest }: BackupsTold): string {
  return newest?.encrypted === null || newest === null
    ? 'nobody can tell whether it is whole; put its digest beside it, or say integrity: false'
    : 'what is encrypted cannot be read; give decrypt, put its digest beside it, or say integrity: false'
}

function factsOf(told: BackupsTold): Readonly<Record<string, Json>> {
  const { newest, files, bad } = told
  const oldest = files.at(-1)
  return {
    count: files.length,
    broken: bad.length,
    ...(oldest && { oldest_seconds: ageOf(told, oldest.completedAt) / 1_000 }),
    largest_gap_seconds: largestGap(told) / 1_000,
    ...(newest && {
      name: newest.name,
      age_seconds: ageOf(told, newest.completedAt) / 1_000,
      bytes: newest.bytes,
      is: newest.is,
      encrypted: newest.encrypted !== null,
    }),
  }
}
