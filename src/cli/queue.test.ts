/** Standing in line from the command line, over real processes: waiting, taking the turn after the engine was killed, leaving. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createClient } from '../api/client.ts'
import { readConfig } from '../config/config.ts'
import type { TargetView } from '../api/client-types.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
const patience = { timeout: 40_000, interval: 200 }
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-queue-'))
  await writeFile(
    join(folder, 'shop.md'),
    '---\nholdpoint: 1\nservice: shop\nenvironments: { production: {} }\n---\n# Shop\n- [ ] Looked at\n',
  )
})
afterAll(async () => {
  for (const { id } of JSON.parse((await holdpoint('release list --open --json').ended).out) as readonly {
    id: string
  }[])
    await holdpoint(`release abort ${id} --reason over`).ended
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
}, 60_000)

interface Running {
  readonly child: ChildProcess
  out(): string
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

function holdpoint(line: string): Running {
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '1s' }
  const args = [bin, ...line.split(' ')]
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
  return {
    child,
    out: () => out,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err }))),
  }
}

async function target(): Promise<TargetView> {
  const [found] = JSON.parse((await holdpoint('targets --json').ended).out) as readonly TargetView[]
  return found!
}

/** The process that holds the store: killed as a power cut would. */
async function killEngine(): Promise<void> {
  const { socket } = readConfig({ ...process.env, HOLDPOINT_HOME: join(folder, 'home') })
  const client = createClient({ socketPath: socket })
  const { pid } = await client.health()
  client.close()
  expect(pid).toBeGreaterThan(1)
  process.kill(pid, 'SIGKILL')
}

test('run --queue waits, keeps its place when the engine is killed, and attends the release when its turn comes', async () => {
  const first = await holdpoint('run shop.md --version 1.0.0').ended
  expect(first.code).toBe(3)
  const busy = await holdpoint('run shop.md --version 1.1.0').ended
  expect(busy.code).toBe(1)
  expect(busy.err).toContain('To wait for it, stand in line: --queue')

  const waiting = holdpoint('run shop.md --version 1.1.0 --queue')
  await vi.waitFor(
    () => expect(waiting.out()).toContain('in line for shop in production: next, behind shop 1.0.0'),
    patience,
  )
  const behind = holdpoint('run shop.md --version 1.2.0 --queue-for 1h')
  await vi.waitFor(() => expect(behind.out()).toContain('2nd in line, behind 1.1.0'), patience)

  // Who says how long they can wait is let go then, and the start stays in line.
  const short = await holdpoint('run shop.md --version 1.3.0 --queue --wait 1s').ended
  expect([short.code, short.out]).toEqual([3, expect.stringContaining('3rd in line')])
  const gone = (await target()).line[2]?.release ?? ''
  expect(short.err).toContain(`${gone} stands in line and begins by itself`)
  expect((await holdpoint(`release leave-queue ${gone}`).ended).code).toBe(0)

  const { holder, line } = await target()
  await killEngine()
  expect((await target()).line).toEqual(line)

  expect((await holdpoint(`release answer ${holder?.release} looked passed`).ended).code).toBe(0)
  const began = await waiting.ended
  expect(began.code, began.err).toBe(3)
  expect(began.out).toContain(`release ${line[0]?.release} started: shop 1.1.0 → production`)
  await vi.waitFor(() => expect(behind.out()).toContain('next, behind shop 1.1.0'), patience)

  const third = line[1]?.release ?? ''
  expect((await holdpoint('release leave-queue nothing').ended).code).toBe(2)
  const stopped = await holdpoint(`release abort ${third} --reason not-today`).ended
  expect([stopped.code, stopped.out]).toEqual([0, `${third} stood in line and has left it; nothing of it began\n`])
  const left = await behind.ended
  expect(left.code).toBe(1)
  expect(left.err).toContain(`${third} left the line without beginning: not-today`)
}, 120_000)
