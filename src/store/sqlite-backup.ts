/** A copy of an embedded store while it is in use, and its way back: checked both times, whole or not at all. */
import { createHash, hash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { StoreFault } from '../core/ports/store.ts'
import { BadBackupFile, packBackup, unpackBackup } from './backup-file.ts'
import { checkStore, type StoreReport } from './check.ts'
import { syncDirectory } from './evidence-files.ts'
import { DATABASE_FILE, EVIDENCE_FOLDER, openForReading, readSqliteStore } from './sqlite-reader.ts'

/** What a backup says of itself, in `backup.json`. */
export interface BackupManifest {
  readonly format: 1
  /** ISO 8601. */
  readonly at: string
  /** Of the program that made it. */
  readonly version: string
  readonly events: number
  readonly streams: number
  readonly evidence: number
  /** sha-256 of the database file, and over all heads of all streams. */
  readonly database: string
  readonly heads: string
}

/** Said no before anything was changed: the words are for a person. */
export class BackupRefused extends Error {
  override name = 'BackupRefused'
}

const MANIFEST = 'backup.json'
const KEY_FILE = 'signing-key.pem'
const ALL_PAGES = 2 ** 30

export interface Told {
  readonly folder: string
  readonly manifest: BackupManifest
}

export interface ToldFile {
  readonly file: string
  /** Of the whole file. */
  readonly sha256: string
  readonly manifest: BackupManifest
}

/** Rejects with BackupRefused, or with StoreFault when the store cannot be read or what was copied is not sound. */
export async function backUp(
  directory: string,
  to: string,
  { at, version }: { readonly at: Date; readonly version: string },
): Promise<Told> {
  const target = resolve(to)
  await refuseTaken(target)
  const draft = draftOf(target)
  try {
    const manifest = await copyOf(directory, draft, at, version)
    await rm(target, { recursive: true, force: true })
    await rename(draft, target)
    await syncDirectory(dirname(target))
    return { folder: target, manifest }
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    throw cause
  }
}

/** The same as one file, which appears whole or not at all. For a moment it takes twice its size. */
export async function backUpToFile(
  directory: string,
  to: string,
  { at, version }: { readonly at: Date; readonly version: string },
): Promise<ToldFile> {
  const target = resolve(to)
  if (await isThere(target))
    throw new BackupRefused(`there is something at ${target} already; each backup is a new file`)
  const draft = draftOf(target)
  const packed = `${draft}.tar`
  try {
    const manifest = await copyOf(directory, draft, at, version)
    await rm(packed, { force: true })
    const sha256 = await packBackup(draft, packed, at)
    await rename(packed, target)
    await syncDirectory(dirname(target))
    return { file: target, sha256, manifest }
  } finally {
    await rm(packed, { force: true })
    await rm(draft, { recursive: true, force: true })
  }
}

function draftOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}`)
}

/** A checked copy in a folder that nobody looks at yet. */
async function copyOf(directory: string, draft: string, at: Date, version: string): Promise<BackupManifest> {
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  await copyDatabase(join(directory, DATABASE_FILE), join(draft, DATABASE_FILE))
  // After the database: what its events name has been on disk before them.
  await copyEvidence(join(directory, EVIDENCE_FOLDER), join(draft, EVIDENCE_FOLDER))
  await copyIfThere(join(directory, KEY_FILE), join(draft, KEY_FILE))
  const manifest = { format: 1, at: at.toISOString(), version, ...(await summaryOf(draft)) } as const
  await writeDurably(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  await syncDirectory(draft)
  return manifest
}

/** Puts a backup, a folder or a file, where no store is. What is there already, such as a log, stays. */
export async function restore(from: string, directory: string): Promise<Told> {
  const source = resolve(from)
  const target = resolve(directory)
  const isFile = (await stat(source).catch(() => null))?.isFile() ?? false
  // Of a file it stands somewhere inside: it is read with the rest.
  const before = isFile ? null : await manifestOf(source)
  if (await isThere(join(target, DATABASE_FILE)))
    throw new BackupRefused(
      `there is a store in ${target} already: restore into another folder with --store, or move this one away first`,
    )
  if ((await foldersIn(join(target, EVIDENCE_FOLDER))).length > 0)
    throw new BackupRefused(`${target} holds evidence of a store whose database is gone: move it away first`)
  await mkdir(target, { recursive: true, mode: 0o700 })
  const draft = join(target, `restoring-${process.pid}`)
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  try {
    if (isFile) await unpack(source, draft)
    else {
      await copyDurably(join(source, DATABASE_FILE), join(draft, DATABASE_FILE))
      await copyEvidence(join(source, EVIDENCE_FOLDER), join(draft, EVIDENCE_FOLDER))
      await copyIfThere(join(source, KEY_FILE), join(draft, KEY_FILE))
    }
    const manifest = before ?? (await manifestOf(draft))
    const found = await summaryOf(draft)
    for (const name of ['database', 'heads', 'events', 'streams'] as const)
      if (found[name] !== manifest[name])
        throw new StoreFault(`the backup in ${source} was changed: its ${name} are not what ${MANIFEST} says`, {
          retryable: false,
        })
    if (found.evidence < manifest.evidence)
      throw new StoreFault(`the backup in ${source} lacks ${manifest.evidence - found.evidence} pieces of evidence`, {
        retryable: false,
      })
    await rm(join(target, EVIDENCE_FOLDER), { recursive: true, force: true })
    // The database comes last: without it there is no store, and the restore can be given again.
    for (const name of [EVIDENCE_FOLDER, KEY_FILE, DATABASE_FILE])
      if (await isThere(join(draft, name))) await rename(join(draft, name), join(target, name))
    await syncDirectory(target)
    return { folder: target, manifest }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function unpack(file: string, draft: string): Promise<void> {
  try {
    await unpackBackup(file, draft)
  } catch (cause) {
    if (!(cause instanceof BadBackupFile)) throw cause
    throw new StoreFault(`the backup ${file} cannot be restored: ${cause.message}`, { retryable: false, cause })
  }
  if (!(await isThere(join(draft, DATABASE_FILE))))
    throw new StoreFault(`the backup ${file} cannot be restored: it holds no store`, { retryable: false })
  await mkdir(join(draft, EVIDENCE_FOLDER), { recursive: true, mode: 0o700 })
  for (const folder of await foldersIn(join(draft, EVIDENCE_FOLDER)))
    await syncDirectory(join(draft, EVIDENCE_FOLDER, folder))
  await syncDirectory(join(draft, EVIDENCE_FOLDER))
  await syncDirectory(draft)
}

/** All pages in one step, from a connection of its own: one moment of the store, while its owner goes on writing. */
async function copyDatabase(from: string, to: string): Promise<void> {
  if (!(await isThere(from))) throw new BackupRefused(`there is no store in ${dirname(from)}`)
  const source = openForReading(from)
  try {
    await backup(source, to, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
  // One file that needs no others beside it.
  const copy = new DatabaseSync(to)
  copy.exec('PRAGMA journal_mode = DELETE')
  copy.close()
  await syncFile(to)
}

async function copyEvidence(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const folder of await foldersIn(from)) {
    await mkdir(join(to, folder), { recursive: true, mode: 0o700 })
    for (const name of await readdir(join(from, folder)))
      await copyDurably(join(from, folder, name), join(to, folder, name))
    await syncDirectory(join(to, folder))
  }
  await syncDirectory(to)
}

async function foldersIn(evidence: string): Promise<readonly string[]> {
  const names = await readdir(evidence).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw cause
  })
  return names.filter((name) => /^[0-9a-f]{2}$/.test(name))
}

/** Rejects when the copy is not sound: better no backup than one that is found to be none when it is needed. */
async function summaryOf(
  folder: string,
): Promise<Pick<BackupManifest, 'events' | 'streams' | 'evidence' | 'database' | 'heads'>> {
  const store = readSqliteStore(folder)
  let report: StoreReport
  try {
    report = await checkStore(store)
  } finally {
    await store.close()
  }
  const [first] = report.problems
  if (first !== undefined) throw new StoreFault(`the copy is not sound: ${first}`, { retryable: false })
  const { events, streams, evidence, heads } = report
  return {
    events,
    streams,
    evidence,
    database: await fileHash(join(folder, DATABASE_FILE)),
    heads: hash('sha256', JSON.stringify(heads)),
  }
}

async function manifestOf(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => null)
  if (text === null) throw new BackupRefused(`${folder} is no backup: it has no ${MANIFEST}`)
  const { format } = JSON.parse(text) as { format?: unknown }
  if (format !== 1) throw new BackupRefused(`${folder} was made by a newer program (format ${String(format)})`)
  return JSON.parse(text) as BackupManifest
}

async function refuseTaken(target: string): Promise<void> {
  const inside = await readdir(target).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new BackupRefused(`${target} is not a folder that could hold a backup (${cause.code ?? 'unknown'})`)
  })
  if (inside.length > 0)
    throw new BackupRefused(
      `${target} is not empty; each backup gets a folder of its own, such as ${target}/2026-03-01`,
    )
}

async function fileHash(path: string): Promise<string> {
  const sum = createHash('sha256')
  for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer)
  return sum.digest('hex')
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if (await isThere(from)) await copyDurably(from, to)
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await syncFile(to)
}

async function writeDurably(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flush: true })
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
