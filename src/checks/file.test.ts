import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { file as definition } from './file.ts'
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
