/**
 * P07: from the sample that breaks a limit to the rollback command running, beside one durable append and one spawn of
 * the same run. Real store, launcher, judge and driver; only the metric source is ours, so that the moment is known.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kinds } from '../src/app/app.ts'
import { readConfig } from '../src/config/config.ts'
import { canaryJudge } from '../src/core/judge/policies.ts'
import type { SampleBatch } from '../src/core/judge/verdict.ts'
import { compile } from '../src/core/plan/compile.ts'
import type { Plan } from '../src/core/plan/plan.ts'
import type { Observer } from '../src/core/ports/engine.ts'
import { createEngine } from '../src/engine/engine.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { realClock } from '../src/worker/clock.ts'
import { openWorkers } from '../src/app/workers.ts'
import { median, percentile, report, steadyMedian } from './measure.ts'

const ROUNDS = Number(process.argv[2] ?? 30)
const GOAL = 10
const home = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const stamps = join(home, 'stamps')
mkdirSync(stamps)

const plan = planOf(`---
holdpoint: 1
service: bench
sources:
  none: { kind: prometheus, url: 'http://127.0.0.1:9' }
---
## Rollout

\`\`\`yaml rollout
components:
  api:
    traffic: command
    set: 'printf "%s" "$HOLDPOINT_WEIGHT" > ${stamps}/weight'
    read: 'cat ${stamps}/weight'
    restore: 'echo "$EPOCHREALTIME" > ${stamps}/rollback; printf 0 > ${stamps}/weight'
stages:
  - { weight: 5%, soak: 1h }
judge:
  every: 1s
  metrics:
    errors: { kind: ratio, source: none, bad: bad, total: total, go: "< 1%", rollback: "> 2%" }
\`\`\`
`)

const config = readConfig({ ...process.env, HOLDPOINT_HOME: home })
const clock = realClock()
const store = await openSqliteStore({ directory: home, now: clock.now() })
const hands = openWorkers(config, kinds(), store, clock, () => {})
let breachedAt = 0
const engine = createEngine(
  { ...hands.ports, store, clock, judge: canaryJudge, observer: breaching(hands.ports.observer) },
  {
    owner: 'bench',
    ids: { suffix: suffixes() },
    jobs: 2,
    onFault: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  },
)
void engine.attend()
try {
  const latencies: number[] = []
  const commits: number[] = []
  const spawns: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    commits.push(await commitMs(round))
    spawns.push(await spawnMs(round))
    latencies.push(await breachMs(round))
  }
  const baseline = steadyMedian('one commit', mediansOf(commits)) + steadyMedian('one spawn', mediansOf(spawns))
  report('P07 breach to rollback command, p99', {
    value: percentile(latencies, 0.99),
    baseline,
    unit: 'ms',
    goal: GOAL,
  })
  report('P07 breach to rollback command, p50', { value: percentile(latencies, 0.5), baseline, unit: 'ms', goal: GOAL })
} finally {
  await engine.stop()
  await hands.retire()
  hands.close()
  await store.close()
  rmSync(home, { recursive: true, force: true })
}

/** Of each third of the run: a single commit may meet a busy disk, a third of them should not. */
function mediansOf(values: readonly number[]): readonly number[] {
  const third = Math.ceil(values.length / 3)
  return [0, 1, 2]
    .map((part) => values.slice(part * third, (part + 1) * third))
    .filter((part) => part.length > 0)
    .map(median)
}

async function breachMs(round: number): Promise<number> {
  const workspace = { root: home, commit: null, dirty: false }
  const request = {
    plan,
    version: `1.${round}`,
    environment: 'bench',
    inputs: {},
    workspace,
    artefact: null,
    rehearsal: false,
    supersede: false,
    previous: '1',
    idempotencyKey: null,
  }
  const started = await engine.start(request, { id: 'bench', kind: 'scripted', assurance: 'claimed' })
  if (started.kind === 'refused') throw new Error(started.reason)
  for await (const { event } of engine.follow(started.release, 0, new AbortController().signal)) {
    if ((event as { kind: string }).kind === 'RollbackFinished') break
  }
  return stampOf('rollback') - breachedAt
}

/** One event of a stream of its own, durable. */
async function commitMs(round: number): Promise<number> {
  const startedAt = performance.now()
  const by = { id: 'bench', kind: 'scripted', assurance: 'claimed' } as const
  await store.append({
    streams: [
      { stream: `bench/${round}`, expectedVersion: 0, events: [{ at: clock.now(), by, event: { kind: 'Nothing' } }] },
    ],
  })
  return performance.now() - startedAt
}

/** From asking the launcher to the first line of the script. */
async function spawnMs(round: number): Promise<number> {
  const startedAt = wallMs()
  await hands.ports.launcher.run({
    attempt: `bench/spawn-${round}`,
    effect: 'change',
    shell: 'bash',
    script: `echo "$EPOCHREALTIME" > ${stamps}/spawn`,
    cwd: home,
    env: {},
    secrets: {},
    epoch: 0,
    timeoutMs: 10_000,
    outputCapBytes: 1024,
  })
  return stampOf('spawn') - startedAt
}

function stampOf(name: string): number {
  return Number(readFileSync(join(stamps, name), 'utf8')) * 1000
}

/** The same clock as bash's, with fractions of a millisecond. */
function wallMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Every sample breaks the limit; the moment it was read is kept. */
function breaching(real: Observer): Observer {
  return {
    history: (...given) => real.history(...given),
    trigger: (...given) => real.trigger(...given),
    capture: (...given) => real.capture(...given),
    sample: async ({ step, stage, from, to, expected }): Promise<SampleBatch> => {
      const arm = (bad: number) => ({ kind: 'ratio', bad, total: 1000 }) as const
      const weights = expected.map(({ component, weightPercent }) => ({
        component: component.name,
        percent: weightPercent,
        ok: true,
        say: '',
      }))
      breachedAt = wallMs()
      return { step, stage, from, to, samples: [{ metric: 'errors', canary: arm(500), stable: arm(0) }], weights }
    },
  }
}

function suffixes(): () => string {
  let count = 0
  return () => `b${(count += 1)}`
}

function planOf(text: string): Plan {
  const { plan: compiled, problems } = compile({ file: 'bench.md', bytes: Buffer.from(text), shared: null }, kinds())
  if (compiled === null)
    throw new Error(
      `the checklist of this bench does not compile: ${JSON.stringify(problems.find((problem) => problem.severity === 'error'))}`,
    )
  return compiled
}
