/**
 * P04: HTTP probes per second with a new connection each: the `http check` of a checklist, with its guard and its expectation,
 * beside blackbox_exporter at the same small target, which closes each, alternately in one run.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { http } from '../src/checks/http.ts'
import type { CheckPowers } from '../src/core/ports/check.ts'
import { evaluateCondition } from '../src/core/plan/expression.ts'
import { createOutbound } from '../src/worker/outbound.ts'
import { rulesOf } from '../src/worker/declared-hosts.ts'
import { findProgram, freePort, until } from '../test/support/programs.ts'
import { report } from './measure.ts'

const PROBES = Number(process.argv[2] ?? 4_000)
const ROUNDS = Number(process.argv[3] ?? 5)
const AT_ONCE = 32

const exporter = findProgram('/usr/bin/prometheus-blackbox-exporter', '/usr/local/bin/blackbox_exporter')
if (exporter === null) {
  process.stdout.write('left out: blackbox_exporter is not installed\n')
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const started: ChildProcess[] = []
const outbound = createOutbound()
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
try {
  const target = `http://127.0.0.1:${await freePort()}/`
  start(process.execPath, [
    '-e',
    `require('node:http').createServer((q, a) => a.setHeader('connection', 'close').end('ok')).listen(${new URL(target).port}, '127.0.0.1')`,
  ])
  const configuration = join(folder, 'blackbox.yml')
  writeFileSync(
    configuration,
    'modules: { http_2xx: { prober: http, timeout: 5s, http: { preferred_ip_protocol: ip4 } } }\n',
  )
  const peer = `http://127.0.0.1:${await freePort()}`
  start(exporter, [`--config.file=${configuration}`, `--web.listen-address=${new URL(peer).host}`, '--log.level=error'])
  await until('the target answers', async () => (await fetch(target)).ok)
  await until('blackbox_exporter answers', async () => (await fetch(`${peer}/-/healthy`)).ok)

  const ask = outbound.for({ rules: rulesOf([target]), protected: false })
  const given = http.config.parse({ requests: `# @expect status == 200\nGET ${target}` })
  const ours = async (): Promise<void> => {
    const { outcome, say } = await http.run(given, powersWith(ask))
    if (outcome !== 'passed') throw new Error(say)
  }
  const theirs = async (): Promise<void> => {
    const text = await textOf(`${peer}/probe?module=http_2xx&target=${encodeURIComponent(target)}`)
    if (!/^probe_success 1$/m.test(text)) throw new Error('blackbox_exporter did not reach the target')
  }
  await perSecond(ours, PROBES / 4)
  await perSecond(theirs, PROBES / 4)
  const rounds: { ours: number; theirs: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({ theirs: await perSecond(theirs, PROBES), ours: await perSecond(ours, PROBES) })
  // The round whose ratio is the median one: what shares the machine with a round slows both of its sides.
  const middle = rounds.toSorted((a, b) => a.ours / a.theirs - b.ours / b.theirs)[Math.floor(ROUNDS / 2)]!
  report('P04 HTTP probes, a new connection each, beside blackbox_exporter', {
    value: middle.ours,
    baseline: middle.theirs,
    unit: 'probes/s',
    goal: 1.5,
    atLeast: true,
  })
} finally {
  for (const child of started) child.kill()
  agent.destroy()
  outbound.close()
  rmSync(folder, { recursive: true, force: true })
}

function start(program: string, args: readonly string[]): void {
  started.push(spawn(program, args, { stdio: 'ignore' }))
}

async function perSecond(probe: () => Promise<void>, count: number): Promise<number> {
  let left = count
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await probe()
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return (1_000 * count) / (performance.now() - began)
}

function textOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve(Buffer.concat(chunks).toString()))
      answer.on('error', reject)
    }).on('error', reject)
  })
}

/** As a worker hands them over; what this check does not use is not there. */
function powersWith(ask: CheckPowers['http']): CheckPowers {
  const used: Partial<CheckPowers> = {
    http: ask,
    signal: new AbortController().signal,
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    variables: {},
    bindings: () => ({}),
    expectation: null,
    expect: (facts) => {
      const answer = evaluateCondition('true', facts)
      return answer.kind === 'value' ? answer.value : { inconclusive: answer.why }
    },
    secret: () => '',
    progress: () => {},
  }
  return used as CheckPowers
}
