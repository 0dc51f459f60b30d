/** Backups of secrets, encrypted with a real tool: they decrypt and hold what they should, and nothing of them is ever shown. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { secretsBackup } from './secrets-backup.ts'

const PLAIN = 'DB_PASSWORD=correct-horse-battery\nAPI_TOKEN=tok_31337\n'
const cipher = ['enc', '-aes-256-cbc', '-pbkdf2', '-pass', 'pass:the-key']
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-secrets-'))
  return () => rmSync(folder, { recursive: true })
})

function put(name: string, ageS: number, plain = PLAIN): void {
  const file = join(folder, name)
  writeFileSync(file, execFileSync('openssl', cipher, { input: plain }))
  utimesSync(file, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS)
}

const check = (more: Record<string, unknown> = {}): Promise<CheckResult> =>
  runCheck(secretsBackup as never, {
    files: join(folder, '*.enc'),
    decrypt: 'openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:the-key',
    'newer-than': '24h',
    names: ['DB_PASSWORD', 'API_TOKEN'],
    ...more,
  })

describe('a backup of secrets', () => {
  test('passes when it is young, decrypts and has every name, and no value is in what is kept', async () => {
    put('old.enc', 90_000)
    put('a-new.enc', 3_600)
    const result = await check()
    expect(result).toMatchObject({ outcome: 'passed', say: 'a-new.enc, 1h old, decrypts with all 2 names' })
    const kept = JSON.stringify([result.say, result.facts, evidenceText(result)])
    expect(kept).not.toMatch(/correct-horse|tok_31337/)
  })

  test('fails when it is too old, does not decrypt, or misses a name, without saying a value', async () => {
    put('one.enc', 90_000)
    expect(await check()).toMatchObject({
      outcome: 'failed',
      say: 'one.enc: the newest backup is 25h old, at most 24h allowed',
    })
    put('two.enc', 60)
    const locked = await check({ decrypt: 'openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:another; false' })
    expect(locked).toMatchObject({
      outcome: 'failed',
      say: expect.stringMatching(/^two\.enc: it does not decrypt \(exit \d+\)$/),
    })
    const missing = await check({ names: ['DB_PASSWORD', 'SIGNING_KEY', 'TOKEN'] })
    expect(missing).toMatchObject({ outcome: 'failed', say: 'two.enc: it has no SIGNING_KEY, TOKEN' })
    expect(JSON.stringify([locked, missing.say, evidenceText(missing)])).not.toMatch(/correct-horse|tok_31337/)
  })

  test('one that is still being written, or empty, is no backup', async () => {
    writeFileSync(join(folder, 'now.enc'), '')
    put('writing.enc', 0)
    expect(await check()).toMatchObject({ outcome: 'failed', say: expect.stringContaining('no backup is complete') })
  })
})
