/** P14: how long a short command takes to start, beside `node -e 0`, interleaved in one run under the same Node. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, report } from './measure.ts'

const ROUNDS = 25
const bin = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bin', 'holdpoint.js')
const home = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const env = { ...process.env, HOLDPOINT_HOME: home, HOLDPOINT_ENGINE_IDLE: '60s' }

const commands = {
  'node -e 0': ['-e', '0'],
  version: [bin, 'version'],
  'release list': [bin, 'release', 'list'],
} as const

function timeOf(args: readonly string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - start
}

try {
  // The first call starts the engine and fills the compile cache: neither is what a person waits for every day.
  for (const args of Object.values(commands)) timeOf(args)
  const times = Object.fromEntries(Object.keys(commands).map((name): [string, number[]] => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, args] of Object.entries(commands)) times[name]?.push(timeOf(args))
  }
  const bare = median(times['node -e 0'] ?? [])
  report('P14 holdpoint version', { value: median(times['version'] ?? []), baseline: bare, unit: 'ms', goal: 1.5 })
  report('P14 release list', { value: median(times['release list'] ?? []), baseline: bare, unit: 'ms', goal: 3 })
} finally {
  // Ends the engine that this bench started: the last client is gone, so it only waits for its idle time.
  const { findClient } = await import('../src/api/open-client.ts')
  const { readConfig } = await import('../src/config/config.ts')
  const client = await findClient(readConfig(env))
  await client?.stop()
  client?.close()
  await new Promise((resolve) => setTimeout(resolve, 500))
  rmSync(home, { recursive: true, force: true })
}
