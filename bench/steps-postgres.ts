/**
 * P03: durable steps per second on PostgreSQL: releases of ten steps that do nothing, one after the other, sixteen
 * releases at once, through the real engine. A step is a started attempt and its result, both recorded before the next.
 * Beside it, on the same server and in turn, workflows of ten empty steps in DBOS, where its SDK is found: name the folder
 * it is installed in with HOLDPOINT_BENCH_DBOS.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kinds } from '../src/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import type { Plan } from '../src/core/plan/plan.ts'
import { createEngine } from '../src/engine/engine.ts'
import { ana, request, World } from '../src/engine/engine.fixture.ts'
import type { EngineService } from '../src/engine/service.ts'
import { openPostgresStore } from '../src/store/postgres.ts'
import { realClock } from '../src/worker/clock.ts'
import { postgresPrograms, startCluster } from '../test/support/postgres.ts'
import { median, report } from './measure.ts'

const releasesPerRound = Number(process.argv[2] ?? 160)
const rounds = Number(process.argv[3] ?? 5)
const atOnce = 16
const steps = 10

const dbosScript = `
import { DBOS } from '@dbos-inc/dbos-sdk'
const [url, count] = process.argv.slice(2)
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, runAdminServer: false, logLevel: 'error' })
const work = DBOS.registerWorkflow(async () => {
  for (let step = 0; step < ${steps}; step += 1) await DBOS.runStep(async () => step, { name: 'step' + step })
}, { name: 'work' })
await DBOS.launch()
const run = async (total) => {
  let left = total
  await Promise.all(Array.from({ length: ${atOnce} }, async () => {
    while (left-- > 0) await work()
  }))
}
await run(${atOnce})
const start = performance.now()
await run(Number(count))
console.log('rate ' + (Number(count) * ${steps}) / ((performance.now() - start) / 1000))
await DBOS.shutdown()
process.exit(0)
`

const programs = postgresPrograms()
if (programs === null) process.exit(0)
const dbos = process.env['HOLDPOINT_BENCH_DBOS'] ?? null
const cluster = await startCluster(programs)
const store = await openPostgresStore({ url: cluster.url('holdpoint') })
const clock = realClock()
let suffix = 0
const engine = createEngine(new World(clock).ports(store), {
  owner: 'bench',
  ids: { suffix: () => `r${(suffix += 1)}` },
  jobs: atOnce,
  onFault: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
})
void engine.attend()

try {
  const plans = Array.from({ length: atOnce }, (_, lane) => planOf(lane))
  const measured: { ours: number; dbos: number }[] = []
  await throughEngine(plans, atOnce)
  for (let round = 0; round < rounds; round += 1) {
    measured.push({
      ours: await throughEngine(plans, releasesPerRound),
      dbos: dbos ? throughDbos(dbos) : Number.NaN,
    })
  }
  if (dbos) {
    // The round whose ratio is the median one: what shares the machine with a round slows both of its sides.
    const middle = measured.toSorted((a, b) => a.ours / a.dbos - b.ours / b.dbos)[Math.floor(rounds / 2)]!
    const goal = { unit: 'steps/s', goal: 2, atLeast: true }
    report('P03 durable steps on PostgreSQL beside DBOS', { value: middle.ours, baseline: middle.dbos, ...goal })
  } else {
    const rate = median(measured.map(({ ours }) => ours)).toFixed(0)
    process.stdout.write(`       durable steps on PostgreSQL, ${atOnce} releases at once: ${rate} /s\n`)
    process.stdout.write('left out: DBOS, no HOLDPOINT_BENCH_DBOS names a folder with its SDK\n')
  }
} finally {
  await engine.stop()
  await store.close()
  await cluster.dispose()
}

/** A target has one release at a time: each lane has a service of its own. */
function planOf(lane: number): Plan {
  const items = Array.from({ length: steps }, (_, step) => `- [ ] Step ${step}\n  \`\`\`sh run\n  true\n  \`\`\`\n`)
  const text = `---\nholdpoint: 1\nservice: bench-${lane}\n---\n# Bench\n## Work\n${items.join('')}`
  const { plan, problems } = compile({ file: 'bench.md', bytes: Buffer.from(text), shared: null }, kinds())
  if (!plan) throw new Error(`the checklist of this bench does not compile: ${JSON.stringify(problems[0])}`)
  return plan
}

async function throughEngine(plans: readonly Plan[], count: number): Promise<number> {
  const start = performance.now()
  let left = count
  await Promise.all(
    plans.map(async (plan) => {
      while (left > 0) {
        left -= 1
        await untilClosed(engine, plan)
      }
    }),
  )
  return (count * steps) / ((performance.now() - start) / 1000)
}

async function untilClosed(service: EngineService, plan: Plan): Promise<void> {
  const started = await service.start(request(plan), ana)
  if (started.kind === 'refused') throw new Error(started.reason)
  // Asks what the engine knows anyway: following would read every event back, which DBOS is not asked to do either.
  while ((await service.state(started.release))?.phase !== 'closed') await clock.sleep(2)
}

function throughDbos(folder: string): number {
  const script = join(folder, 'holdpoint-bench.mjs')
  writeFileSync(script, dbosScript)
  const out = execFileSync(
    process.execPath,
    [script, cluster.url('public').replace('?schema=public', ''), String(releasesPerRound)],
    { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  return Number(/rate (\S+)/.exec(out)?.[1])
}
