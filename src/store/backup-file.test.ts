/** A backup in one file: what others read of it, what comes back, and that no changed byte of it is ever put in place. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BadBackupFile, fieldsOf, headerOf } from './backup-file.ts'
import { backUpToFile, restore } from './sqlite-backup.ts'
import { openSqliteStore } from './sqlite.ts'
import { note } from './test-support/examples.ts'

const made = { at: new Date('2026-03-01T12:00:00Z'), version: '1.2.3' }

let folder: string
let home: string
let file: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-backup-file-'))
  home = join(folder, 'home')
  file = join(folder, 'backup.tar')
  const store = await openSqliteStore({ directory: home, now: 1 })
  await store.append({ streams: [{ stream: 'release/a', expectedVersion: 0, events: [note('a'), note('b')] }] })
  await store.putEvidence(Buffer.alloc(200_000, 'x'))
  await store.close()
  writeFileSync(join(home, 'signing-key.pem'), 'a key')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('comes back as the same store, and nothing is left beside either', async () => {
  const told = await backUpToFile(home, file, made)
  expect(told).toMatchObject({ file, manifest: { events: 2, streams: 1, evidence: 1 } })
  expect(told.sha256).toBe(sha256(readFileSync(file)))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const again = join(folder, 'again')
  expect((await restore(file, again)).manifest).toEqual(told.manifest)
  const store = await openSqliteStore({ directory: again, now: 1 })
  expect((await store.read('release/a')).map(({ version }) => version)).toEqual([1, 2])
  expect((await store.getEvidence(sha256(Buffer.alloc(200_000, 'x'))))?.byteLength).toBe(200_000)
  await store.close()
  expect(readFileSync(join(again, 'signing-key.pem'), 'utf8')).toBe('a key')
  expect(readdirSync(folder).toSorted()).toEqual(['again', 'backup.tar', 'home'])
  expect(readdirSync(again)).not.toContain('backup.json')
})

test('is a tar that tar opens, with sums that sha256sum checks, and as a folder it is a backup too', async () => {
  await backUpToFile(home, file, made)
  const out = join(folder, 'out')
  mkdirSync(out)
  execFileSync('tar', ['xf', file, '-C', out])
  expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out, encoding: 'utf8' })).not.toContain('FAILED')
  await restore(out, join(folder, 'again'))
})

test('a file that is there is never written over', async () => {
  writeFileSync(file, 'mine')
  await expect(backUpToFile(home, file, made)).rejects.toThrow('each backup is a new file')
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('pieces larger than eight gibibytes keep their size, as tar reads it', () => {
  const size = 9 * 2 ** 30 + 5
  const header = Buffer.from(headerOf('holdpoint.sqlite', size, 1))
  expect(fieldsOf(header)).toEqual({ name: 'holdpoint.sqlite', length: size })
  writeFileSync(file, header)
  let told = ''
  try {
    told = execFileSync('tar', ['tvf', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (cause) {
    told = (cause as { stdout: string }).stdout
  }
  expect(told).toContain(String(size))
})

describe('nothing is put in place', () => {
  let bytes: Buffer
  beforeEach(async () => {
    await backUpToFile(home, file, made)
    bytes = readFileSync(file)
  })

  async function expectRefused(changed: Uint8Array, words: RegExp): Promise<void> {
    writeFileSync(file, changed)
    const again = join(folder, 'again')
    await expect(restore(file, again)).rejects.toThrow(words)
    expect(readdirSync(again)).toEqual([])
  }

  test('when any byte of the file is another one', async () => {
    // Every header, every sum, the ends of every piece, and the middle of some.
    const step = Math.floor(bytes.byteLength / 60)
    const places = new Set([...Array(60).keys()].map((index) => index * step))
    for (let at = 0; at < bytes.byteLength; at += 512)
      if (bytes.toString('latin1', at + 257, at + 262) === 'ustar')
        for (const plus of [0, 99, 124, 148, 156, 300]) places.add(at + plus)
    places.add(bytes.byteLength - 1)
    for (const place of places) {
      const changed = Buffer.from(bytes)
      changed[place] = (changed[place] ?? 0) ^ 1
      await expectRefused(changed, /cannot be restored/)
    }
  })

  test('when it is cut off, wherever, or something follows', async () => {
    for (const length of [
      0,
      1,
      511,
      512,
      700,
      Math.floor(bytes.byteLength / 2),
      bytes.byteLength - 1_024,
      bytes.byteLength - 1,
    ])
      await expectRefused(bytes.subarray(0, length), /cut off/)
    await expectRefused(Buffer.concat([bytes, Buffer.alloc(512)]), /added to its end/)
  })

  test('when somebody took a piece out, also with its sum', async () => {
    const out = join(folder, 'out')
    mkdirSync(out)
    execFileSync('tar', ['xf', file, '-C', out])
    rmSync(join(out, 'holdpoint.sqlite'))
    execFileSync('tar', ['cf', file, '-C', out, '.'])
    await expectRefused(readFileSync(file), /cannot be restored/)
  })

  test('when its names lead elsewhere', async () => {
    const evil = (name: string, kind = '0') => {
      const header = Buffer.from(headerOf(name, 4, 1))
      header.write(kind, 156)
      header.write('        ', 148)
      const sum = header.reduce((total, byte) => total + byte, 0)
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
      return Buffer.concat([header, Buffer.from('evil'), Buffer.alloc(508)])
    }
    for (const name of [
      '../out',
      '/tmp/out',
      'evidence/../../out',
      'evidence/aa/out',
      'backup.json/x',
      './backup.json',
    ])
      await expectRefused(Buffer.concat([evil(name), bytes]), /no place in a backup/)
    await expectRefused(Buffer.concat([evil('signing-key.pem', '2'), bytes]), /no backup of Holdpoint/)
    const twice = bytes.subarray(0, 512 + 512 * Math.ceil(fieldsOf(bytes.subarray(0, 512)).length / 512))
    await expectRefused(Buffer.concat([twice, bytes]), /no place in a backup/)
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  test('when it is something else altogether', async () => {
    await expectRefused(Buffer.from('hello'), /cannot be restored/)
    await expectRefused(Buffer.alloc(10_240), /cannot be restored/)
    expect(() => fieldsOf(Buffer.alloc(512, 'x'))).toThrow(BadBackupFile)
  })
})
