/**
 * P05, P06: many canaries soaking in one process, each with five metrics of both arms every 15 s, asked over HTTP. Counts
 * missed ticks, processor time and memory, and how late ticks are beside bare timers of the same number in a process
 * beside it. `node bench/canaries.ts 5000 120` = canaries, seconds.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, report, residentMiB } from './measure.ts'

const EVERY_MS = 15_000
const METRICS = 5
const [, , first = '5000', second = '120'] = process.argv

if (first === 'metric-server') serveMetrics()
else if (first === 'bare-timers') bareTimers(Number(second))
else await measure(Number(first), Number(second))

async function measure(canaries: number, seconds: number): Promise<void> {
  const { z } = await import('zod')
  const app = await import('../src/app/app.ts')
  const { defineTrafficDriver } = await import('../src/core/ports/traffic.ts')
  const { readConfig } = await import('../src/config/config.ts')
  const { canaryJudge } = await import('../src/core/judge/policies.ts')
  const { compile } = await import('../src/core/plan/compile.ts')
  const { createEngine } = await import('../src/engine/engine.ts')
  const { openSqliteStore } = await import('../src/store/sqlite.ts')
  const { realClock } = await import('../src/worker/clock.ts')
  const { openWorkers } = await import('../src/app/workers.ts')

  // The balancer is not what is measured: it answers at once.
  const balancer = defineTrafficDriver({
    kind: 'bench',
    summary: 'answers at once',
    config: z.strictObject({}),
    example: 'traffic: bench',
    open: () => ({
      read: () => Promise.resolve({ kind: 'weight', percent: 5, say: '5 %' } as const),
      set: () => Promise.resolve(),
      verify: (percent) => Promise.resolve({ kind: 'reached', percent, say: 'reached' } as const),
      restore: () => Promise.resolve(),
    }),
  })
  const all = app.kinds()
  const drivers = new Map([...all.drivers, ['bench', balancer as never]])
  const kinds = () => ({ ...all, drivers })
  const home = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
  const metrics = fork(import.meta.filename, ['metric-server'], { stdio: 'inherit' })
  const port = await new Promise<number>((resolve) => metrics.once('message', (told) => resolve(told as number)))
  const clock = realClock()
  const store = await openSqliteStore({ directory: home, now: clock.now() })
  const hands = openWorkers(readConfig({ HOLDPOINT_HOME: home, HOME: home }), kinds(), store, clock, () => {})
  const lateness: number[] = []
  const asked = new Map<string, number>()
  let firstAt = 0
  let samples = 0
  const observer = {
    ...hands.ports.observer,
    sample: (...given: Parameters<typeof hands.ports.observer.sample>) => {
      const [{ to }, { state }] = given
      if (firstAt > 0) {
        samples += 1
        lateness.push(clock.now() - to)
        asked.set(state.id, (asked.get(state.id) ?? 0) + 1)
      }
      return hands.ports.observer.sample(...given)
    },
  }
  const faults: string[] = []
  const engine = createEngine(
    { ...hands.ports, store, clock, judge: canaryJudge, observer },
    {
      owner: 'bench',
      ids: { suffix: suffixes() },
      jobs: 2,
      onFault: (where, fault) => faults.push(`${where}: ${String(fault)}`),
    },
  )
  void engine.attend()
  const text = checklist(port)
  const plan = compile({ file: 'bench.md', bytes: Buffer.from(text), shared: null }, kinds()).plan
  if (plan === null) throw new Error('the checklist of this bench does not compile')
  const begun = performance.now()
  for (let index = 0; index < canaries; index += 1) {
    const started = await engine.start(
      {
        plan: { ...plan, service: `s${index}` },
        version: '2',
        environment: 'bench',
        inputs: {},
        workspace: { root: home, commit: null, dirty: false },
        artefact: null,
        rehearsal: false,
        supersede: false,
        previous: '1',
        idempotencyKey: null,
      },
      { id: 'bench', kind: 'scripted', assurance: 'claimed' },
    )
    if (started.kind === 'refused') throw new Error(started.reason)
  }
  process.stdout.write(`${canaries} releases started in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
  await sleep(3 * EVERY_MS)
  const timers = fork(import.meta.filename, ['bare-timers', String(canaries)], { stdio: 'inherit' })
  const bare = new Promise<number>((resolve) => timers.once('message', (told) => resolve(told as number)))
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  firstAt = clock.now()
  const cpuBefore = process.cpuUsage()
  await sleep(seconds * 1000)
  const cpu = process.cpuUsage(cpuBefore)
  const cores = (cpu.user + cpu.system) / 1e6 / seconds
  const expected = Math.floor((seconds * 1000) / EVERY_MS)
  const missed = canaries * expected - [...asked.values()].reduce((sum, count) => sum + Math.min(count, expected), 0)
  const bareP99 = await bare
  process.stdout.write(
    `${missed === 0 ? 'met   ' : 'missed'} P05 ticks missed: ${missed} of ${canaries * expected} (${samples} samples, ${Math.round((samples * METRICS * 2) / seconds)} questions/s)\n`,
  )
  report('P05 processor beside one core', { value: cores, baseline: 1, unit: 'cores', goal: 1 })
  report('P05 memory beside a bare Node', {
    value: residentMiB(process.pid),
    baseline: residentMiB(timers.pid ?? 0),
    unit: 'MiB',
    goal: 10,
  })
  report('P06 lateness of ticks, p99, beside bare timers', {
    value: percentile(lateness, 0.99),
    baseline: bareP99,
    unit: 'ms',
    goal: 50,
  })
  process.stdout.write(
    `       never early: ${Math.min(...lateness) >= 0}; event loop p99 ${(loop.percentile(99) / 1e6).toFixed(0)} ms, max ${(loop.max / 1e6).toFixed(0)} ms; faults ${faults.length} ${faults[0] ?? ''}\n`,
  )
  if (global.gc) {
    global.gc()
    process.stdout.write(`       live heap ${(process.memoryUsage().heapUsed / 2 ** 20).toFixed(0)} MiB\n`)
  }
  timers.kill()
  await engine.stop()
  hands.close()
  await store.close()
  metrics.kill()
  rmSync(home, { recursive: true, force: true })
}

/** Gauges of both arms that are healthy: five metrics, one question each per arm. */
function checklist(port: number): string {
  const metrics = Array.from(
    { length: METRICS },
    (_, index) => `    m${index}: { kind: gauge, query: 'm${index}{ {{arm}} }', go: "< 10", rollback: "> 20" }`,
  )
  return `---
holdpoint: 1
service: bench
sources:
  metrics: { kind: prometheus, url: 'http://127.0.0.1:${port}' }
---
## Rollout

\`\`\`yaml rollout
components:
  api:
    traffic: bench
stages:
  - { weight: 5%, soak: 10h }
judge:
  every: 15s
  source: metrics
  policy: threshold
  arms: { canary: { track: canary }, stable: { track: stable } }
  metrics:
${metrics.join('\n')}
\`\`\`
`
}

/** Answers every question with one number, as Prometheus does, for the moment that was asked for. */
function serveMetrics(): void {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const time = Number(new URLSearchParams(body).get('time'))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[${time},"1"]}]}}`)
    })
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  process.once('disconnect', () => process.exit(0))
}

/** As many timers at the same rhythm, in a process that does nothing else: how late is late here? */
function bareTimers(count: number): void {
  const lateness: number[] = []
  const start = performance.now()
  for (let index = 0; index < count; index += 1) {
    let due = start + EVERY_MS * (index / count) + EVERY_MS
    const arm = (): void =>
      void setTimeout(
        () => {
          lateness.push(Math.max(0.1, performance.now() - due))
          due += EVERY_MS
          arm()
        },
        Math.max(0, due - performance.now()),
      )
    arm()
  }
  setTimeout(() => process.send?.(percentile(lateness, 0.99)), 4 * EVERY_MS)
  process.once('disconnect', () => process.exit(0))
}

function suffixes(): () => string {
  let count = 0
  return () => `b${(count += 1)}`
}
