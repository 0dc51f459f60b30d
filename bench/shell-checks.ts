/** P01: durable shell checks per second, beside GNU parallel -j2 and xargs -P2 on the same commands, which keep nothing. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kinds } from '../src/app/app.ts'
import { openClient } from '../src/api/open-client.ts'
import { readConfig } from '../src/config/config.ts'
import { compile } from '../src/core/plan/compile.ts'
import { report } from './measure.ts'

const CHECKS = Number(process.argv[2] ?? 2_000)
const ROUNDS = Number(process.argv[3] ?? 5)
const names = { parallel: 'GNU parallel -j2', xargs: 'xargs -P2' } as const
const commands = Array.from({ length: CHECKS }, (_, index) => `echo ${index}`)

if (spawnSync('parallel', ['--version']).status !== 0) {
  process.stdout.write('left out: GNU parallel is not installed\n')
  process.exit(0)
}

const home = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const client = await openClient(readConfig({ ...process.env, HOLDPOINT_HOME: home }))
try {
  const rounds: { ours: number; parallel: number; xargs: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({
      parallel: perSecond(inProgram('parallel', ['-j2'])),
      ours: perSecond(await inOneRelease(`${round}.0`)),
      xargs: perSecond(inProgram('xargs', ['-P2', '-I{}', 'bash', '-c', '{}'])),
    })
  for (const [baseline, goal] of [
    ['parallel', 1],
    ['xargs', 0.3],
  ] as const) {
    // The round whose ratio is the median one: what shares the machine with a round slows both of its sides.
    const middle = rounds.toSorted((a, b) => a.ours / a[baseline] - b.ours / b[baseline])[Math.floor(ROUNDS / 2)]!
    report(`P01 durable shell checks beside ${names[baseline]}`, {
      value: middle.ours,
      baseline: middle[baseline],
      unit: 'checks/s',
      goal,
      atLeast: true,
    })
  }
} finally {
  await client.stop()
  client.close()
  await sleep(1_000)
  rmSync(home, { recursive: true, force: true })
}

function perSecond(seconds: number): number {
  return CHECKS / seconds
}

function inProgram(program: string, args: readonly string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(program, args, {
    input: commands.join('\n'),
    encoding: 'utf8',
    env: { ...process.env, SHELL: '/bin/bash' },
  })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
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
