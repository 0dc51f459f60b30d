/** P01: durable shell checks per second, beside GNU parallel -j2 on the same commands, which keeps nothing. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kinds } from '../src/app.ts'
import { openClient } from '../src/api/open-client.ts'
import { readConfig } from '../src/config/config.ts'
import { compile } from '../src/core/plan/compile.ts'
import { report } from './measure.ts'

const CHECKS = Number(process.argv[2] ?? 2_000)
const ROUNDS = 2
const commands = Array.from({ length: CHECKS }, (_, index) => `echo ${index}`)

if (spawnSync('parallel', ['--version']).status !== 0) {
  process.stdout.write('left out: GNU parallel is not installed\n')
  process.exit(0)
}

const home = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const client = await openClient(readConfig({ ...process.env, HOLDPOINT_HOME: home }))
try {
  const seconds = { ours: 0, parallel: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    seconds.parallel += inParallel()
    seconds.ours += await inOneRelease(`${round}.0`)
  }
  const perSecond = (total: number): number => (ROUNDS * CHECKS) / total
  report('P01 durable shell checks', {
    value: perSecond(seconds.ours),
    baseline: perSecond(seconds.parallel),
    unit: 'checks/s',
    goal: 1,
    atLeast: true,
  })
} finally {
  await client.stop()
  client.close()
  await sleep(1_000)
  rmSync(home, { recursive: true, force: true })
}

function inParallel(): number {
  const start = performance.now()
  const { status, stderr } = spawnSync('parallel', ['-j2'], {
    input: commands.join('\n'),
    encoding: 'utf8',
    env: { ...process.env, SHELL: '/bin/bash' },
  })
  if (status !== 0) throw new Error(`parallel ended with ${status}: ${stderr}`)
  return (performance.now() - start) / 1_000
}

async function inOneRelease(version: string): Promise<number> {
  const text = `---\nholdpoint: 1\nservice: bench\n---\n## Gate\n\n${commands.map((command) => `- [ ] ${command}\n  \`\`\`sh check\n  ${command}\n  \`\`\`\n`).join('')}`
  const { plan, problems } = compile({ file: 'bench.md', bytes: Buffer.from(text), shared: null }, kinds())
  if (plan === null) throw new Error(`the checklist of this bench does not compile: ${JSON.stringify(problems[0])}`)
  const start = performance.now()
  const started = await client.start({
    document: { file: 'bench.md', base64: Buffer.from(text).toString('base64'), shared: null, digest: plan.digest },
    version,
    previous: null,
    environment: 'bench',
    inputs: {},
    workspace: { root: home, commit: null, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: null,
  })
  if (started.kind === 'refused') throw new Error(started.reason)
  const stop = new AbortController()
  for await (const item of client.watch(started.release, { signal: stop.signal })) {
    if (item.kind === 'event' && item.event.event.kind === 'ReleaseClosed') break
  }
  stop.abort()
  return (performance.now() - start) / 1_000
}
