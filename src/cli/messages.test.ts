/** Messages on the command line, against a real engine in a private folder. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

const document = `---
holdpoint: 1
service: shop
inputs: { changes: { default: small things } }
---
# Release

## Before
\`\`\`md notify on=release.started to=console preview=ask
{{ version }} brings {{ changes }}, that is {{ input.changes }}.
\`\`\`
- [ ] Support knows
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-messages-'))
  await writeFile(join(folder, 'told.md'), document)
})
afterAll(async () => {
  await holdpoint('release', 'abort', '--reason', 'the test is over')
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function holdpoint(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '1s' }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

test('a preview knows what inputs are where nobody gives them, and says what it was given in vain', async () => {
  const usual = await holdpoint('message', 'preview', 'told.md', '--version', '7')
  expect(usual.out).toContain('7 brings small things, that is small things.')
  const given = await holdpoint('message', 'preview', 'told.md', '--set', 'changes=much', '--set', 'chnages=more')
  expect(given.out).toContain('brings much, that is much.')
  expect(given.err).toContain('--set chnages: no message of this checklist names it')
})

test('a preview of news that there are not is refused with those that there are', async () => {
  const slip = await holdpoint('message', 'preview', 'told.md', '--on', 'release.start')
  expect(slip.code).toBe(2)
  expect(slip.err).toContain('--on is "release.start", expected release.started')
  expect(slip.err).toContain('for example --on release.started')
})

test('a message to the terminal that somebody let go stays in the list', async () => {
  expect((await holdpoint('run', 'told.md', '--version', '7', '--wait', '1s')).code).toBe(3)
  const draft = await holdpoint('message', 'list')
  expect(draft.out).toMatch(/waits for a person {2}to console/)
  const number = /^ *(\d+) {2}waits/m.exec(draft.out)?.[1] ?? ''
  expect((await holdpoint('message', 'send', number)).code).toBe(0)
  await expect
    .poll(async () => (await holdpoint('message', 'list')).out, { timeout: 30_000 })
    .toMatch(/sent {2}to console/)
})
