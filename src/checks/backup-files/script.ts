/**
 * The program that looks at backups, run by the launcher with `node` where they lie: finds those that are complete, tells what
 * the newest is by its first bytes, and reads it to its end. Settings come as JSON in HOLDPOINT_BACKUP; it prints one line of JSON.
 */
import { finding } from '../restore-drill/finding.ts'
import { reading } from './reading.ts'

/** One that is not being written; times are milliseconds. */
export interface BackupFile {
  readonly name: string
  readonly bytes: number
  readonly completedAt: number
}

export interface BackupsTold {
  /** Why nothing could be looked at; null = it could. */
  readonly broken: string | null
  readonly startedAt: number
  /** The newest first. */
  readonly files: readonly BackupFile[]
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  /** Newer than the one that is good, and why they are not. */
  readonly bad: readonly { readonly name: string; readonly why: string }[]
  /** The newest that is good, or whose insides nobody can tell. */
  readonly newest: (BackupFile & BackupInside) | null
}

export interface BackupInside {
  /** `pg_dump archive`, `gzip of SQL`, `age`; null = nobody can tell. */
  readonly is: string | null
  /** With which tool it is encrypted; null = it is not, as far as its first bytes say. */
  readonly encrypted: string | null
  /** All of it was read, and fits together. */
  readonly isRead: boolean
}

export interface BackupsSettings {
  readonly files: string
  /** Command that reads the encrypted backup and writes what is in it; null = none. */
  readonly decrypt: string | null
  readonly integrity: boolean
  readonly minBytes: number
  readonly settledMs: number
  readonly skewMs: number
}

const program = String.raw`
'use strict'
const fs = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')
const zlib = process.getBuiltinModule('node:zlib')
const crypto = process.getBuiltinModule('node:crypto')
const { spawn } = process.getBuiltinModule('node:child_process')

const given = JSON.parse(process.env.HOLDPOINT_BACKUP)
const told = { broken: null, startedAt: Date.now(), files: [], skipped: [], bad: [], newest: null }
class Broken extends Error {}
class Wrong extends Error {}

async function main() {
  const found = candidates(given.files)
  told.files = found.map(({ name, bytes, completedAt }) => ({ name, bytes, completedAt }))
  for (const one of found) {
    const { name, bytes, completedAt } = one
    try {
      const inside = await insideOf(one)
      const after = standing(one.file)
      if (after.bytes !== bytes || after.completedAt !== completedAt) { skip(name, 'it is being written'); continue }
      told.newest = { name, bytes, completedAt, ...inside }
      return
    } catch (cause) {
      if (!(cause instanceof Wrong)) throw cause
      told.bad.push({ name, why: cause.message })
    }
  }
}
`

const start = String.raw`
main()
  .catch((cause) => { told.broken = cause instanceof Broken ? cause.message : 'it could not be looked at: ' + (cause.code ?? cause.message) })
  .finally(() => process.stdout.write('\n' + JSON.stringify(told) + '\n', () => process.exit(0)))
`

export const script = `${program}${finding}${reading}${start}`
