/**
 * Others that record every step, with the same work: workflows of empty steps, so many at once. Each is measured where the
 * folder that its packages were installed in is named: HOLDPOINT_BENCH_DBOS (@dbos-inc/dbos-sdk, on the same PostgreSQL)
 * and HOLDPOINT_BENCH_RESTATE (@restatedev/restate-sdk and restate-server, which keeps its own files).
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Peer {
  readonly name: string
  /** Steps per second. */
  measure(workflows: number): number
}

export interface Work {
  readonly steps: number
  readonly atOnce: number
  /** A database without anything in it. */
  readonly database: string
}

export function durablePeers(work: Work): { readonly peers: readonly Peer[]; readonly leftOut: readonly string[] } {
  const known = [
    { name: 'DBOS', variable: 'HOLDPOINT_BENCH_DBOS', script: dbosScript },
    { name: 'Restate', variable: 'HOLDPOINT_BENCH_RESTATE', script: restateScript },
  ]
  const peers = known.flatMap(({ name, variable, script }) => {
    const folder = process.env[variable]
    return folder === undefined ? [] : [{ name, measure: (count: number) => run(folder, name, script(work), count) }]
  })
  const leftOut = known
    .filter(({ variable }) => process.env[variable] === undefined)
    .map(({ name, variable }) => `${name}: no ${variable} names a folder with its packages`)
  return { peers, leftOut }
}

function run(folder: string, name: string, script: string, count: number): number {
  const file = join(folder, `holdpoint-bench-${name.toLowerCase()}.mjs`)
  writeFileSync(file, script)
  const out = execFileSync(process.execPath, [file, String(count)], {
    encoding: 'utf8',
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, RESTATE_LOGGING: 'ERROR', DO_NOT_TRACK: '1' },
    timeout: 120_000,
  })
  return Number(/rate (\S+)/.exec(out)?.[1])
}

const lanes = (atOnce: number, call: string): string => `
const run = async (total) => {
  let left = total
  await Promise.all(Array.from({ length: ${atOnce} }, async () => {
    while (left-- > 0) await ${call}
  }))
}
`

const timed = (atOnce: number, steps: number): string => `
await run(${atOnce})
const count = Number(process.argv[2])
const start = performance.now()
await run(count)
console.log('rate ' + (count * ${steps}) / ((performance.now() - start) / 1000))
`

function dbosScript({ steps, atOnce, database }: Work): string {
  return `
import { DBOS } from '@dbos-inc/dbos-sdk'
const url = ${JSON.stringify(database)}
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, runAdminServer: false, logLevel: 'error' })
const work = DBOS.registerWorkflow(async () => {
  for (let step = 0; step < ${steps}; step += 1) await DBOS.runStep(async () => step, { name: 'step' + step })
}, { name: 'work' })
await DBOS.launch()
${lanes(atOnce, 'work()')}${timed(atOnce, steps)}
await DBOS.shutdown()
process.exit(0)
`
}

function restateScript({ steps, atOnce }: Work): string {
  return `
import * as restate from '@restatedev/restate-sdk'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
const free = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})
const [service, ingress, admin, node] = [await free(), await free(), await free(), await free()]
const work = restate.service({ name: 'work', handlers: { run: async (context) => {
  for (let step = 0; step < ${steps}; step += 1) await context.run('step' + step, async () => step)
} } })
await restate.serve({ services: [work], port: service })
const program = join(
  dirname(createRequire(import.meta.url).resolve('@restatedev/restate-server-linux-' + process.arch + '/package.json')),
  'bin/restate-server',
)
const base = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const server = spawn(program, ['--base-dir', base], { stdio: 'ignore', env: {
  PATH: process.env.PATH,
  HOME: base,
  DO_NOT_TRACK: '1',
  RESTATE_INGRESS__BIND_ADDRESS: '127.0.0.1:' + ingress,
  RESTATE_ADMIN__BIND_ADDRESS: '127.0.0.1:' + admin,
  RESTATE_BIND_ADDRESS: '127.0.0.1:' + node,
} })
const ended = () => {
  server.kill('SIGKILL')
  rmSync(base, { recursive: true, force: true })
}
process.once('exit', ended)
const post = async (port, path, body) => {
  const answer = await fetch('http://127.0.0.1:' + port + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(path + ' ' + answer.status + ' ' + (await answer.text()))
  await answer.text()
}
const patiently = async (act) => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act()
    } catch (error) {
      if (tries === 200) throw error
      await sleep(200)
    }
  }
}
await patiently(() => post(admin, '/deployments', { uri: 'http://127.0.0.1:' + service }))
${lanes(atOnce, "post(ingress, '/work/run', null)")}
await patiently(() => run(1))
${timed(atOnce, steps)}
process.exit(0)
`
}
