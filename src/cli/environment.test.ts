/** The names under `env:` from the command line: every release has the values of the terminal that runs it. */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-env-'))
})
afterAll(async () => {
  for (const { id } of await openReleases()) await holdpoint(['release', 'abort', id, '--reason', 'the test is over'])
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
})

/** PLACE is this terminal's, or not set. */
function holdpoint(args: readonly string[], place?: string): Promise<{ code: number | null; out: string }> {
  const { PLACE: _, ...rest } = process.env
  const env = {
    ...rest,
    HOLDPOINT_HOME: join(folder, 'home'),
    HOLDPOINT_ENGINE_IDLE: '1s',
    ...(place === undefined ? {} : { PLACE: place }),
  }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.on('close', (code) => resolve({ code, out }))
  })
}

async function openReleases(): Promise<readonly { id: string }[]> {
  return JSON.parse((await holdpoint(['release', 'list', '--open', '--json'])).out) as readonly { id: string }[]
}

async function run(service: string, place?: string): Promise<{ release: string; code: number | null }> {
  await writeFile(
    join(folder, `${service}.md`),
    `---\nholdpoint: 1\nservice: ${service}\nenv: [PLACE]\n---\n# Ship\n\n## Before\n\n- [ ] Where we are\n  \`\`\`sh check\n  echo "$PLACE" > ${service}.before\n  \`\`\`\n- [ ] Ready?\n\n## After\n\n- [ ] Still there\n  \`\`\`sh check\n  echo "$PLACE" > ${service}.after\n  \`\`\`\n`,
  )
  const { code, out } = await holdpoint(['run', `${service}.md`, '--version', '1', '--json'], place)
  return { code, release: (JSON.parse(out) as { release: string }).release }
}

const seen = async (file: string) => (await readFile(join(folder, file), 'utf8')).trim()

test('every run sees its own terminal, whichever started the engine, and an engine started again is lent to again', {
  timeout: 90_000,
}, async () => {
  const one = await run('one', 'first-place')
  const two = await run('two', 'second-place')
  const none = await run('none')
  expect([one.code, two.code, none.code]).toEqual([3, 3, 1])
  expect([await seen('one.before'), await seen('two.before')]).toEqual(['first-place', 'second-place'])
  expect((await holdpoint(['release', 'show', none.release])).out).toContain('PLACE: unbound variable')

  await killEngine()
  expect((await holdpoint(['resume'], 'third-place')).code).toBe(0)
  await holdpoint(['release', 'answer', two.release, 'ready', 'passed'], 'another-place')
  expect((await holdpoint(['release', 'watch', two.release], 'another-place')).code).toBe(0)
  expect(await seen('two.after')).toBe('third-place')

  expect((await holdpoint(['resume'], 'another-place')).code).toBe(0)
  await holdpoint(['release', 'answer', one.release, 'ready', 'passed'])
  expect((await holdpoint(['release', 'watch', one.release])).code).toBe(0)
  expect(await seen('one.after')).toBe('third-place')

  expect(await filesWith(join(folder, 'home'), '-place')).toEqual([])
})

test('a run that attends its release lends again by itself to an engine that was started again', {
  timeout: 90_000,
}, async () => {
  await writeFile(
    join(folder, 'attended.md'),
    '---\nholdpoint: 1\nservice: attended\nenv: [PLACE]\n---\n# Ship\n\n## Wait\n\n- [ ] A while\n  ```yaml wait\n  for: 4s\n  ```\n\n## After\n\n- [ ] Where we are\n  ```sh check\n  echo "$PLACE" > attended.after\n  ```\n',
  )
  const running = holdpoint(['run', 'attended.md', '--version', '1'], 'fourth-place')
  while (!(await openReleases()).some(({ id }) => id.startsWith('attended'))) await sleep(100)
  await killEngine()
  expect((await running).code).toBe(0)
  expect(await seen('attended.after')).toBe('fourth-place')
})

async function killEngine(): Promise<void> {
  const { engine } = JSON.parse((await holdpoint(['resume', '--json'])).out) as { engine: { pid: number } }
  process.kill(engine.pid, 'SIGKILL')
  while (await stat(`/proc/${engine.pid}/cwd`).catch(() => null)) await sleep(20)
}

async function filesWith(root: string, text: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && (await readFile(path)).includes(text)) found.push(path)
  }
  return found
}
