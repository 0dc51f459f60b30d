/** `holdpoint demo` as a newcomer meets it: exit code, last lines, what it leaves behind. */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hp-demo-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function demo(...args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, 'demo', ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      // Where a team keeps its releases: nothing of a demo goes there.
      env: { ...process.env, HOLDPOINT_DATABASE: 'postgres://nobody@127.0.0.1:1/none' },
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.on('close', (code) => resolve({ code, out }))
  })
}

test('a healthy version ends with 0, and its last line says that 100 % was reached', async () => {
  const { code, out } = await demo('--fast')
  expect(out.trimEnd().split('\n').at(-1)).toBe('✔ 100 % reached with 1.9.0')
  expect(code).toBe(0)
  expect(out).toContain('intact, signer unverified')
  const [kept] = await readdir(folder)
  expect(kept).toBe('holdpoint-demo-1')
  const report = await readFile(join(folder, 'holdpoint-demo-1', 'report.md'), 'utf8')
  expect(report).toContain('scripted')
}, 180_000)

test.each([
  ['errors', ['--fast', '--bad']],
  ['latency', ['--fast', '--bad', 'latency']],
])(
  'a version that gets %s wrong goes back by itself, ends with 1, and its last line says why',
  async (metric, args) => {
    const { code, out } = await demo(...args)
    const last = out.trimEnd().split('\n').at(-1)
    expect(last).toMatch(/^↩ Rolled back in/)
    expect(last).toContain(metric)
    expect(code).toBe(1)
    expect(out).not.toContain('25 % read back')
  },
  180_000,
)
