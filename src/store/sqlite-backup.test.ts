/** A backup of a store in use, its way back, and what is found when somebody changed either. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../core/ports/store.ts'
import { checkStore } from './check.ts'
import { backUp, restore } from './sqlite-backup.ts'
import { readSqliteStore } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite.ts'
import { note } from './test-support/examples.ts'

const child = join(import.meta.dirname, 'test-support', 'append-forever.ts')
const made = { at: new Date(0), version: '1.2.3' }

let folder: string
let home: string
let to: string
let store: Store | null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-backup-'))
  home = join(folder, 'home')
  to = join(folder, 'backup')
  store = null
})
afterEach(async () => {
  await store?.close()
  rmSync(folder, { recursive: true, force: true })
})

const open = async (directory = home): Promise<Store> => (store = await openSqliteStore({ directory, now: 1 }))

async function filled(): Promise<{ store: Store; large: string }> {
  const opened = await open()
  await opened.append({
    streams: [{ stream: 'release/a', expectedVersion: 0, events: [note('a'), note('b')] }],
    evidence: [Buffer.from('small')],
  })
  const { sha256 } = await opened.putEvidence(Buffer.alloc(200_000, 'x'))
  await opened.putEntry('token', 'x', '{}')
  return { store: opened, large: sha256 }
}

async function checked(directory: string) {
  const reader = readSqliteStore(directory)
  try {
    return await checkStore(reader)
  } finally {
    await reader.close()
  }
}

describe('a backup', () => {
  test('is made while the store is open, and what is restored from it is the same store', async () => {
    const { store: source, large } = await filled()
    writeFileSync(join(home, 'signing-key.pem'), 'a key')
    const { manifest } = await backUp(home, to, made)
    expect(manifest).toMatchObject({ format: 1, version: '1.2.3', events: 2, streams: 1, evidence: 2 })
    expect(readdirSync(to).toSorted()).toEqual(['backup.json', 'evidence', 'holdpoint.sqlite', 'signing-key.pem'])
    await source.append({ streams: [{ stream: 'release/a', expectedVersion: 2, events: [note('later')] }] })
    await source.close()

    const again = join(folder, 'again')
    await restore(to, again)
    const restored = await open(again)
    expect((await restored.read('release/a')).map(({ version }) => version)).toEqual([1, 2])
    expect((await restored.getEvidence(large))?.byteLength).toBe(200_000)
    expect((await restored.getEntry('token', 'x'))?.json).toBe('{}')
    expect(readFileSync(join(again, 'signing-key.pem'), 'utf8')).toBe('a key')
    await restored.append({ streams: [{ stream: 'release/a', expectedVersion: 2, events: [note('on')] }] })
  })

  test('of a store that another process writes to all the time is one moment of it', async () => {
    const writer: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', child, home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(writer.stdout!, 'data')
      for (const name of ['one', 'two', 'three']) {
        const { manifest } = await backUp(home, join(folder, name), made)
        expect(manifest.streams).toBeGreaterThan(0)
        expect(await checked(join(folder, name))).toMatchObject({ problems: [], events: manifest.events })
      }
      expect((await checked(home)).problems).toEqual([])
    } finally {
      writer.kill('SIGKILL')
      await once(writer, 'exit')
    }
  })

  test('goes into a folder of its own only, and appears whole or not at all', async () => {
    await filled()
    await backUp(home, to, made)
    await expect(backUp(home, to, made)).rejects.toThrow(/is not empty/)
    await expect(backUp(join(folder, 'nothing'), join(folder, 'b2'), made)).rejects.toThrow(/there is no store/)
    expect(readdirSync(folder).toSorted()).toEqual(['backup', 'home'])
  })

  test('of a store that is not sound is refused', async () => {
    const { store: source } = await filled()
    await source.close()
    tamper(join(home, 'holdpoint.sqlite'))
    await expect(backUp(home, to, made)).rejects.toThrow('release/a: version 2 is not what was written')
    expect(existsSync(to)).toBe(false)
  })
})

describe('a restore', () => {
  test('never touches a store that is there', async () => {
    await filled()
    await backUp(home, to, made)
    await expect(restore(to, home)).rejects.toThrow(/there is a store in .* already/)
    await store?.close()
    rmSync(join(home, 'holdpoint.sqlite'))
    await expect(restore(to, home)).rejects.toThrow(/holds evidence of a store whose database is gone/)
    await expect(restore(folder, join(folder, 'x'))).rejects.toThrow(/is no backup/)
  })

  test.each([
    ['a changed event', () => tamper(join(to, 'holdpoint.sqlite')), /not sound/],
    [
      'a changed value beside the log',
      () => tamper(join(to, 'holdpoint.sqlite'), 'UPDATE entries SET json = 1'),
      /database/,
    ],
    ['a lost piece of evidence', () => loseEvidence(), /lacks 1 pieces of evidence/],
    ['a changed piece of evidence', () => changeEvidence(), /was changed on disk/],
  ])('refuses a backup with %s, and puts nothing in place', async (_title, change, why) => {
    await filled()
    await backUp(home, to, made)
    change()
    const again = join(folder, 'again')
    await expect(restore(to, again)).rejects.toThrow(why)
    expect(readdirSync(again)).toEqual([])
  })
})

function tamper(file: string, sql = `UPDATE events SET body = replace(body, '"b"', '"c"') WHERE position = 2`): void {
  const database = new DatabaseSync(file)
  const triggers = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER "${String(name)}"`)
  expect(Number(database.prepare(sql).run().changes)).toBe(1)
  database.close()
}

function evidenceFile(): string {
  const evidence = join(to, 'evidence')
  const [inner = ''] = readdirSync(evidence)
  return join(evidence, inner, readdirSync(join(evidence, inner))[0] ?? '')
}

function loseEvidence(): void {
  rmSync(evidenceFile())
}

function changeEvidence(): void {
  writeFileSync(evidenceFile(), 'something else')
}
