/**
 * P11: reading one release of 200 over the network with a sign-in, beside a bare Node server that answers the same bytes.
 * First the greatest rate of each, over 16 kept connections; then the p99 at a fifth of our own greatest rate, of both.
 */
import { fork } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, percentile, report, steadyMedian } from './measure.ts'
import { readersOf, startHeld, startServed } from './served.ts'

const CONNECTIONS = 16
const ROUNDS = 5
const SECONDS = 3

if (process.argv[2] === 'bare') {
  serveBare()
} else {
  await measure()
}

async function measure(): Promise<void> {
  const served = await startServed()
  const releases = await startHeld(served, 200)
  const path = (index: number): string => `/v1/releases/${releases[index % releases.length]}`
  const body = JSON.stringify(await served.get(path(0)))
  const bare = fork(import.meta.filename, ['bare'], { stdio: 'inherit' })
  const barePort = await new Promise<number>((resolve) => {
    bare.once('message', (told) => resolve(told as number))
    bare.send(body)
  })
  const ours = { port: served.port, headers: await readersOf(served, 30) }
  const theirs = { port: barePort, headers: [{}] }
  try {
    const rates = { ours: [] as number[], bare: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.ours.push(await greatestRate(ours, path))
      rates.bare.push(await greatestRate(theirs, path))
    }
    const greatest = median(rates.ours)
    report('P11 greatest rate of reads', {
      value: greatest,
      baseline: steadyMedian('the bare server', rates.bare),
      unit: 'requests/s',
      goal: 0.15,
      atLeast: true,
    })
    const late = { ours: [] as number[], bare: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      late.ours.push(await p99At(greatest / 5, ours, path))
      late.bare.push(await p99At(greatest / 5, theirs, path))
    }
    report('P11 p99 of a read at a fifth of that', {
      value: median(late.ours),
      baseline: median(late.bare),
      unit: 'ms',
      goal: 6,
    })
  } finally {
    bare.kill()
    await served.team.end()
  }
}

interface Target {
  readonly port: number
  /** Of callers who take turns. */
  readonly headers: readonly Readonly<Record<string, string>>[]
}

/** Every connection asks again as soon as it is answered. */
async function greatestRate(target: Target, path: (index: number) => string): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const end = performance.now() + SECONDS * 1000
  let done = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < end) {
        await ask(target, path(done), done, agent)
        done += 1
      }
    }),
  )
  agent.destroy()
  return done / SECONDS
}

/** Asked on a rhythm, whether the answer before has come or not: waiting counts. */
async function p99At(rate: number, target: Target, path: (index: number) => string): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const start = performance.now()
  const times: number[] = []
  const asked: Promise<void>[] = []
  const total = Math.max(200, Math.round(rate * SECONDS))
  for (let index = 0; index < total; index += 1) {
    const due = start + (index * 1000) / rate
    while (performance.now() < due) await sleep(Math.max(0, Math.floor(due - performance.now())))
    asked.push(ask(target, path(index), index, agent).then(() => void times.push(performance.now() - due)))
  }
  await Promise.all(asked)
  agent.destroy()
  return percentile(times, 0.99)
}

function ask({ port, headers: callers }: Target, path: string, turn: number, agent: http.Agent): Promise<void> {
  const headers = callers[turn % callers.length] ?? {}
  return new Promise((resolve, reject) => {
    const sent = http.get({ host: '127.0.0.1', port, path, headers, agent }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${path} answered ${answer.statusCode}`))
      answer.resume().on('end', resolve)
    })
    sent.on('error', reject)
  })
}

function serveBare(): void {
  process.once('message', (body: string) => {
    const server = http.createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(body)
    })
    server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  })
  process.once('disconnect', () => process.exit(0))
}
