/** P15: memory of an engine at rest, beside a bare Node that only waits, both after the same while. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClient } from '../src/api/open-client.ts'
import { readConfig } from '../src/config/config.ts'
import { report, residentMiB } from './measure.ts'

const REST_MS = 10_000
const home = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
process.env['HOLDPOINT_ENGINE_IDLE'] = '120s'
const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
const client = await openClient(readConfig({ ...process.env, HOLDPOINT_HOME: home }))

try {
  const { pid } = await client.health()
  await client.list()
  await sleep(REST_MS)
  report('P15 engine at rest', { value: residentMiB(pid), baseline: residentMiB(bare.pid ?? 0), unit: 'MiB', goal: 3 })
} finally {
  bare.kill()
  await client.stop()
  client.close()
  await sleep(500)
  rmSync(home, { recursive: true, force: true })
}
