import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { file as definition } from './file.ts'
import { openFile } from './parts/open-file.ts'
import { runCheck } from './parts/powers.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-file-'))
const elsewhere = mkdtempSync(join(tmpdir(), 'holdpoint-elsewhere-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
  rmSync(elsewhere, { recursive: true, force: true })
})
const text = '# Changes\n## 1.2.3\n- faster\n'
writeFileSync(join(root, 'CHANGELOG.md'), text)
mkdirSync(join(root, 'folder'))
writeFileSync(join(elsewhere, 'secret'), 'secret')
symlinkSync(join(elsewhere, 'secret'), join(root, 'link'))

const outcome = async (config: object, overrides: Parameters<typeof runCheck>[2] = {}): Promise<string> =>
  (await runCheck(definition as never, config, { root, variables: { version: '1.2.3' }, ...overrides })).outcome

test('a file must be there, or must not', async () => {
  expect(await outcome({ path: 'CHANGELOG.md' })).toBe('passed')
  expect(await outcome({ path: 'missing' })).toBe('failed')
  expect(await outcome({ path: 'missing', exists: false })).toBe('passed')
  expect(await outcome({ path: 'CHANGELOG.md', exists: false })).toBe('failed')
  expect(await outcome({ path: 'CHANGELOG.md/below' })).toBe('failed')
  expect(await outcome({ path: 'folder' })).toBe('failed')
})

test('its content, size, age and digest are held against their limits', async () => {
  const digest = createHash('sha256').update(text).digest('hex')
  const path = 'CHANGELOG.md'
  const cases: [object, string][] = [
    [{ contains: '## {{ version }}' }, 'passed'],
    [{ contains: '## 9.9.9' }, 'failed'],
    [{ matches: '(?m)^## \\d+' }, 'passed'],
    [{ matches: '^never$' }, 'failed'],
    [{ 'min-size': 10 }, 'passed'],
    [{ 'min-size': '1kB' }, 'failed'],
    [{ sha256: digest }, 'passed'],
    [{ sha256: digest.toUpperCase() }, 'passed'],
    [{ sha256: '0'.repeat(64) }, 'failed'],
    [{ 'newer-than': '1h' }, 'passed'],
  ]
  for (const [settings, expected] of cases)
    expect(await outcome({ path, ...settings }), JSON.stringify(settings)).toBe(expected)
  utimesSync(join(root, path), new Date(Date.now() - 7_200_000), new Date(Date.now() - 7_200_000))
  expect(await outcome({ path, 'newer-than': '1h' })).toBe('failed')
  expect(await outcome({ path, 'newer-than': '3h' })).toBe('passed')
  expect(await outcome({ path }, { expectation: 'age_seconds < 60' })).toBe('failed')
  utimesSync(join(root, path), new Date(Date.now() + 7_200_000), new Date(Date.now() + 7_200_000))
  expect(await outcome({ path, 'newer-than': '1h' })).toBe('inconclusive')
})

test('nothing outside of the folder is opened, also not through links', async () => {
  expect(await outcome({ path: '../x' })).toBe('errored')
  expect(await outcome({ path: '/etc/passwd' })).toBe('errored')
  expect(await outcome({ path: 'link' })).toBe('errored')
  expect(await outcome({ path: '{{ version }}' }, { variables: { version: '../../etc/passwd' } })).toBe('errored')
})

test('a link that is swapped between the look and the opening leads nowhere', async () => {
  const inside = join(root, 'swapped')
  mkdirSync(join(root, 'real'))
  writeFileSync(join(root, 'real', 'secret'), 'harmless')
  symlinkSync(join(root, 'real'), inside)
  const over = new AbortController()
  const swapping = (async () => {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      const next = join(root, `next-${turn}`)
      symlinkSync(turn % 2 === 0 ? elsewhere : join(root, 'real'), next)
      renameSync(next, inside)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const said = new Set<string>()
  for (let tries = 0; tries < 400; tries += 1) {
    const { outcome: found, say } = await runCheck(
      definition as never,
      { path: 'swapped/secret', contains: 'secret' },
      { root },
    )
    // The file outside holds the word: a pass would mean that it was read.
    said.add(`${found} ${say}`)
  }
  over.abort()
  await swapping
  expect([...said].filter((each) => each.startsWith('passed'))).toEqual([])
})

test('a folder that is exchanged while its file is opened is told', async () => {
  const folder = join(root, 'exchanged')
  mkdirSync(folder)
  writeFileSync(join(folder, 'secret'), 'harmless')
  const real = join(realpathSync(folder), 'secret')
  renameSync(folder, join(root, 'aside'))
  symlinkSync(elsewhere, folder)
  await expect(openFile(real, 'exchanged/secret')).rejects.toThrow('exchanged/secret was exchanged while it was opened')
  rmSync(folder)
  renameSync(join(root, 'aside'), folder)
  rmSync(join(folder, 'secret'))
  symlinkSync(join(elsewhere, 'secret'), join(folder, 'secret'))
  await expect(openFile(real, 'exchanged/secret')).rejects.toThrow('was exchanged')
})

test('a folder that another process swaps all the time is read where it was looked at, or not at all', async () => {
  const folder = join(root, 'raced')
  mkdirSync(folder)
  writeFileSync(join(folder, 'secret'), 'harmless')
  const real = join(realpathSync(folder), 'secret')
  const swapper = spawn(process.execPath, ['-e', swapScript, folder, elsewhere], { stdio: 'ignore' })
  const seen = { harmless: 0, refused: 0 }
  try {
    // Until both have happened: somebody who never wins the race would prove nothing.
    const giveUpAt = performance.now() + 30_000
    while ((seen.harmless < 500 || seen.refused < 500) && performance.now() < giveUpAt) {
      const handle = await openFile(real, 'raced/secret').catch(() => null)
      if (handle === null) seen.refused += 1
      else if ((await handle.readFile('utf8')) === 'harmless') seen.harmless += 1
      else expect.fail('a file outside of the folder was read')
      await handle?.close()
    }
  } finally {
    swapper.kill('SIGKILL')
  }
  expect(seen.harmless).toBeGreaterThan(0)
  expect(seen.refused).toBeGreaterThan(0)
})

/** Makes a folder a folder and a link in turn, as fast as it can. */
const swapScript = `const { renameSync, symlinkSync } = require('node:fs')
const [folder, elsewhere] = process.argv.slice(1)
const [link, aside] = [folder + '.link', folder + '.aside']
symlinkSync(elsewhere, link)
for (;;) {
  renameSync(folder, aside); renameSync(link, folder)
  renameSync(folder, link); renameSync(aside, folder)
}`

test('a pipe and a device are no files, and nobody waits for them', async () => {
  execFileSync('mkfifo', [join(root, 'pipe')])
  expect(await outcome({ path: 'pipe' })).toBe('failed')
  expect(await outcome({ path: 'pipe', contains: 'x' })).toBe('failed')
})
