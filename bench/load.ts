/**
 * What `kind: load` measures, beside wrk at the same small service, alternately in one run: as many answers a second, and the same times.
 * The service answers after 5 to 50 ms, so that both sides have something to tell apart.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { script, type LoadSettings, type LoadTold } from '../src/checks/load-run/script.ts'
import { findProgram, freePort, until } from '../test/support/programs.ts'
import { median, report } from './measure.ts'

const SECONDS = Number(process.argv[2] ?? 5)
const ROUNDS = Number(process.argv[3] ?? 3)
const USERS = 50

const wrk = findProgram('/usr/bin/wrk', '/usr/local/bin/wrk')
if (wrk === null) {
  process.stdout.write('left out: wrk is not installed\n')
  process.exit(0)
}

interface Seen {
  readonly rate: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

const service = `let n = 0
require('node:http').createServer((q, a) => setTimeout(() => a.end('ok'), 5 + (n++ * 7) % 46)).listen(PORT, '127.0.0.1')`

const port = await freePort()
const url = `http://127.0.0.1:${port}/`
const child: ChildProcess = spawn(process.execPath, ['-e', service.replace('PORT', String(port))], { stdio: 'ignore' })
try {
  await until('the service answers', async () => (await fetch(url)).ok)
  const rounds: { readonly ours: Seen; readonly theirs: Seen }[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push({ theirs: byWrk(wrk), ours: byUs() })
  const compare = (name: keyof Seen, unit: string, goal: number, atLeast: boolean): void =>
    report(`load with ${USERS} users, ${name} beside wrk`, {
      value: median(rounds.map(({ ours }) => ours[name])),
      baseline: median(rounds.map(({ theirs }) => theirs[name])),
      unit,
      goal,
      atLeast,
    })
  compare('rate', 'answers/s', 0.9, true)
  for (const name of ['p50', 'p90', 'p99'] as const) compare(name, 'ms', 1.15, false)
} finally {
  child.kill()
}

function byUs(): Seen {
  const settings: LoadSettings = {
    url,
    addresses: [{ address: '127.0.0.1', family: 4 }],
    method: 'GET',
    headers: {},
    body: null,
    token: null,
    users: USERS,
    rate: null,
    pauseMs: 0,
    rampMs: 0,
    forMs: SECONDS * 1_000,
    everyMs: 1_000,
    answerWithinMs: 10_000,
    memory: null,
  }
  const env = { ...process.env, HOLDPOINT_LOAD: JSON.stringify(settings) }
  const { stdout } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8', maxBuffer: 10_000_000 })
  const told = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as LoadTold
  if (told.latency === null || told.errors > 0) throw new Error(`the load did not go through: ${told.broken}`)
  const { p50, p90, p99 } = told.latency
  return { rate: told.rate, p50, p90, p99 }
}

function byWrk(program: string): Seen {
  const said = execFileSync(program, ['-t1', `-c${USERS}`, `-d${SECONDS}s`, '--latency', url], { encoding: 'utf8' })
  const at = (percent: number): number => {
    const [, number = '', unit = ''] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s)`, 'm').exec(said) ?? []
    return Number(number) * (({ us: 0.001, ms: 1, s: 1_000 } as Record<string, number>)[unit] ?? Number.NaN)
  }
  const rate = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(said)?.[1])
  return { rate, p50: at(50), p90: at(90), p99: at(99) }
}
