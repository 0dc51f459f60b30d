/** The lock of a folder, against a real second process. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { takeLock } from './lock.ts'

const home = mkdtempSync(join(tmpdir(), 'holdpoint-lock-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('is held by one, until it is released or its process ends', () => {
  const path = join(home, 'one')
  const lock = takeLock(path)
  expect(takeLock(path)).toBeNull()
  lock?.release()
  lock?.release()
  const next = takeLock(path)
  expect(next).not.toBeNull()
  next?.release()
})

test('is not let go of when the one who took it has forgotten it and memory is collected', async () => {
  const path = join(home, 'forgotten')
  const script = `const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.ts'))})
takeLock(${JSON.stringify(path)})
for (let round = 0; round < 5; round += 1) { gc(); await new Promise((resolve) => setImmediate(resolve)) }
console.log('taken'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--expose-gc', '--no-warnings', '--input-type=module', '-e', script])
  try {
    const [said] = (await new Promise((resolve) =>
      holder.stdout.once('data', (bytes) => resolve([String(bytes)])),
    )) as [string]
    expect(said).toBe('taken\n')
    expect(takeLock(path)).toBeNull()
  } finally {
    holder.kill('SIGKILL')
  }
})
