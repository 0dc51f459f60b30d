/** `holdpoint try`: one block of a checklist alone, as commands run in a release, with what it said on the terminal. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram } from '../support/programs.ts'

const bin = join(import.meta.dirname, '..', '..', 'bin', 'holdpoint.js')
const chromium = findProgram(process.env['HOLDPOINT_CHROMIUM'] ?? '/usr/bin/chromium')

let folder = ''
let file = ''
let server: Server

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-try-'))
  server = createServer((_request, response) => response.end('<!doctype html><title>Shop</title><p>Orders are open'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  file = join(folder, 'RELEASE.md')
  writeFileSync(
    file,
    [
      '---',
      'holdpoint: 1',
      'service: shop',
      '---',
      '# Release',
      '',
      '## Before',
      '- [ ] Tests',
      '  ```sh check',
      '  echo 12 tests',
      '  ```',
      '- [ ] Flaky',
      '  ```sh check',
      '  exit 3',
      '  ```',
      '- [ ] Page',
      '  ```yaml check timeout=60s',
      '  kind: browser',
      `  url: http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      '  sandbox: false',
      '  steps:',
      '    - text: Orders are open',
      '  ```',
      '',
    ].join('\n'),
  )
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

function tryStep(...args: string[]): Promise<Ended> {
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home') }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, 'try', file, ...args], { env }, (_fault, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

test('a check that passes ends with 0 and shows its output, and nothing is recorded', async () => {
  const ended = await tryStep('before/tests')
  expect(ended.code, ended.err).toBe(0)
  expect(ended.out).toContain('12 tests')
  expect(ended.err).toContain('nothing was recorded')
})

test('a check that fails ends with 1 and says why', async () => {
  const ended = await tryStep('before/flaky')
  expect(ended.code, ended.err).toBe(1)
  expect(ended.out).toMatch(/failed.*Flaky/)
})

describeWith({ chromium }, 'a page in a real browser', () => {
  test('is looked at where commands run, and its picture is named and not written to the terminal', async () => {
    const ended = await tryStep('before/page')
    expect(ended.code, ended.out + ended.err).toBe(0)
    expect(ended.out).toMatch(/image\/jpeg, \d{4,} bytes/)
    expect(ended.out).not.toContain('JFIF')
  })
})
