/**
 * P03: durable steps per second on PostgreSQL: releases of ten steps that do nothing, one after the other, sixteen
 * releases at once, through the real engine. A step is a started attempt and its result, both recorded before the next.
 * Beside it, in turn, workflows of ten empty steps in those that record steps as well: see durable-peers.ts.
 */
import { kinds } from '../src/app/app.ts'
import { compile } from '../src/core/plan/compile.ts'
import type { Plan } from '../src/core/plan/plan.ts'
import { createEngine } from '../src/engine/engine.ts'
import { ana, request, World } from '../src/engine/engine.fixture.ts'
import type { EngineService } from '../src/engine/service.ts'
import { openPostgresStore } from '../src/store/postgres.ts'
import { realClock } from '../src/worker/clock.ts'
import { postgresPrograms, startCluster } from '../test/support/postgres.ts'
import { durablePeers } from './durable-peers.ts'
import { median, report } from './measure.ts'

const releasesPerRound = Number(process.argv[2] ?? 160)
const rounds = Number(process.argv[3] ?? 5)
const atOnce = 16
const steps = 10

const programs = postgresPrograms()
if (programs === null) process.exit(0)
const cluster = await startCluster(programs)
const store = await openPostgresStore({ url: cluster.url('holdpoint') })
const { peers, leftOut } = durablePeers({
  steps,
  atOnce,
  database: cluster.url('public').replace('?schema=public', ''),
})
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
  await throughEngine(plans, atOnce)
  const measured: { ours: number; theirs: number[] }[] = []
  for (let round = 0; round < rounds; round += 1)
    measured.push({
      ours: await throughEngine(plans, releasesPerRound),
      theirs: peers.map((peer) => peer.measure(releasesPerRound)),
    })
  if (peers.length === 0) {
    const rate = median(measured.map(({ ours }) => ours)).toFixed(0)
    process.stdout.write(`       durable steps on PostgreSQL, ${atOnce} releases at once: ${rate} /s\n`)
  }
  peers.forEach(({ name }, index) => {
    // The round whose ratio is the median one: what shares the machine with a round slows both of its sides.
    const ratio = ({ ours, theirs }: (typeof measured)[number]) => ours / theirs[index]!
    const middle = measured.toSorted((a, b) => ratio(a) - ratio(b))[Math.floor(rounds / 2)]!
    const goal = { unit: 'steps/s', goal: 2, atLeast: true }
    report(`P03 durable steps on PostgreSQL beside ${name}`, {
      value: middle.ours,
      baseline: middle.theirs[index]!,
      ...goal,
    })
  })
  for (const each of leftOut) process.stdout.write(`left out: ${each}\n`)
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
  const { release } = started
  await new Promise<void>((resolve, reject) => {
    const silence = service.onLive(release, look)
    look()
    function look(): void {
      void service.state(release).then((state) => {
        if (state?.phase !== 'closed') return
        silence()
        resolve()
      }, reject)
    }
  })
}
