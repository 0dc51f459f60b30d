/**
 * Shell scripts per second through the launcher, beside GNU parallel and xargs on the same scripts in the same run.
 * `node bench/launcher.ts [SCRIPTS] [ROUNDS]`; prints ratios, because absolute numbers of a shared machine say nothing.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectLauncher } from '../src/worker/launcher-client.ts'
import type { ConnectedLauncher } from '../src/worker/launcher-client.ts'

const scripts = Number(process.argv[2] ?? 2_000)
const rounds = Number(process.argv[3] ?? 5)
const AT_ONCE = 2
const BASELINE_SPREAD = 2

const lines = `${Array.from({ length: scripts }, () => 'true').join('\n')}\n`
const directory = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const launcher = await connectLauncher({ directory, node: process.execPath })
try {
  await warmUp()
  const contestants: Record<string, () => Promise<number> | number> = {
    'launcher, checks': () => throughLauncher('read'),
    'launcher, actions': () => throughLauncher('change'),
    'GNU parallel -j2': () => timed('parallel', [`-j${AT_ONCE}`]),
    'xargs -P2 sh -c': () => timed('xargs', [`-P${AT_ONCE}`, '-I{}', 'sh', '-c', '{}']),
  }
  const measured = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round += 1)
    for (const [name, run] of Object.entries(contestants)) measured.get(name)?.push(await run())
  report(measured)
} finally {
  await launcher.shutdownWhenIdle()
  launcher.close()
  rmSync(directory, { recursive: true, force: true })
}

async function warmUp(): Promise<void> {
  execFileSync('parallel', [`-j${AT_ONCE}`], { input: 'true\n', stdio: ['pipe', 'ignore', 'ignore'] })
  for (let index = 0; index < 100; index += 1) await one(`warm-${index}`, 'read')
}

/** Scripts per second. */
async function throughLauncher(effect: 'read' | 'change'): Promise<number> {
  const startedAt = performance.now()
  const before = cpuMs(launcher)
  let next = 0
  const lane = async () => {
    while (next < scripts) {
      next += 1
      await one(`${effect}-${startedAt}-${next}`, effect)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  const rate = perSecond(startedAt)
  console.log(`  ${effect}: launcher CPU ${((cpuMs(launcher) - before) / scripts).toFixed(2)} ms each`)
  return rate
}

async function one(attempt: string, effect: 'read' | 'change'): Promise<void> {
  const result = await launcher.run({
    attempt,
    effect,
    shell: 'sh',
    script: 'true',
    cwd: '/',
    env: {},
    secrets: {},
    epoch: 1,
    timeoutMs: 60_000,
    outputCapBytes: 65_536,
  })
  if (result.exitCode !== 0) throw new Error(`${attempt} ended with ${result.ended} ${result.exitCode}: ${result.why}`)
  void launcher.forget(attempt)
}

function timed(program: string, args: readonly string[]): number {
  const startedAt = performance.now()
  const { status, error } = spawnSync(program, args, { input: lines, stdio: ['pipe', 'ignore', 'ignore'] })
  if (status !== 0) throw new Error(`${program} ended with ${status}`, { cause: error })
  return perSecond(startedAt)
}

function perSecond(startedAt: number): number {
  return (scripts / (performance.now() - startedAt)) * 1_000
}

function cpuMs({ pid }: ConnectedLauncher): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number)
  return ((user ?? 0) + (system ?? 0)) * 10
}

function report(measured: ReadonlyMap<string, readonly number[]>): void {
  const baseline = measured.get('GNU parallel -j2') ?? []
  for (const [name, rates] of measured) {
    const ratio = median(rates.map((rate, round) => rate / (baseline[round] as number)))
    const range = `${Math.min(...rates).toFixed(0)}-${Math.max(...rates).toFixed(0)}`
    console.log(
      `${name.padEnd(20)} ${median(rates).toFixed(0).padStart(5)}/s (${range})  ${ratio.toFixed(2)} x parallel`,
    )
  }
  if (Math.max(...baseline) > Math.min(...baseline) * BASELINE_SPREAD)
    console.log('The baseline itself moved by more than 2x: this run says nothing.')
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] as number
}
