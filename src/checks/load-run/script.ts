/**
 * The program that makes load, run by the launcher with `node`, in a process of its own that outlives the engine.
 * With a rate, a request's time counts from the instant it was due, so that waiting for a stalled service is not left out.
 */

export interface LoadSettings {
  readonly url: string
  /** What the guard of addresses allowed: names are not looked up again. */
  readonly addresses: readonly { readonly address: string; readonly family: number }[]
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Variable that holds a token. */
  readonly token: string | null
  readonly users: number
  /** Requests a second; null = each user asks again when it has its answer. */
  readonly rate: number | null
  readonly pauseMs: number
  readonly rampMs: number
  readonly forMs: number
  /** Length of one bucket. */
  readonly everyMs: number
  readonly answerWithinMs: number
  readonly memory: {
    readonly url: string
    readonly addresses: LoadSettings['addresses']
    readonly metric: string
  } | null
}

export interface Latency {
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export interface LoadTold {
  /** Why nothing could be tried; null = it could. */
  readonly broken: string | null
  readonly startedAt: number
  /** After the ramp. */
  readonly requests: number
  /** Of them, without an answer or with one above 399. */
  readonly errors: number
  /** Answers by status, and faults by their code. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Faults of the machine that asks: out of sockets or files. */
  readonly ownFaults: number
  /** Milliseconds; null without an answer. */
  readonly latency: Latency | null
  /** Answers a second. */
  readonly rate: number
  /** Connections open at once: the median of many looks. */
  readonly connections: number
  /** How late the program itself was, in milliseconds, at the 99th percentile. */
  readonly lagMs: number
  readonly buckets: readonly {
    readonly at: number
    readonly requests: number
    readonly errors: number
    readonly p50: number | null
    readonly p95: number | null
    readonly memory: number | null
  }[]
}

export const script = String.raw`
'use strict'
const http = process.getBuiltinModule('node:http')
const https = process.getBuiltinModule('node:https')
const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')

const given = JSON.parse(process.env.HOLDPOINT_LOAD)
const told = { broken: null, startedAt: Date.now(), requests: 0, errors: 0, outcomes: {}, ownFaults: 0, latency: null, rate: 0, connections: 0, lagMs: 0, buckets: [] }
const now = () => performance.now()
const url = new URL(given.url)
const secure = url.protocol === 'https:'
const OWN = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])

// Times in steps of one percent: hours of them need no more room than minutes.
class Times {
  counts = new Map()
  size = 0
  max = 0
  add(ms) {
    const step = Math.ceil(Math.log(Math.max(ms, 0.01)) / Math.log(1.01))
    this.counts.set(step, (this.counts.get(step) ?? 0) + 1)
    this.size += 1
    if (ms > this.max) this.max = ms
  }
  at(share) {
    if (this.size === 0) return null
    let rest = Math.ceil(share * this.size)
    for (const [step, count] of [...this.counts].sort((a, b) => a[0] - b[0])) {
      rest -= count
      if (rest <= 0) return Math.min(this.max, 1.01 ** step)
    }
    return this.max
  }
}

const all = new Times()
const open = new Set()
const looks = []
let bucket = null
let begins = 0
let ends = 0
const newBucket = () => ({ at: Date.now(), requests: 0, errors: 0, times: new Times(), memory: null })

function pinned(addresses) {
  return (host, options, done) => options.all ? done(null, addresses) : done(null, addresses[0].address, addresses[0].family)
}

function ask(agent) {
  return new Promise((resolve) => {
    const request = (secure ? https : http).request(url, {
      method: given.method, headers, agent, lookup: pinned(given.addresses), timeout: given.answerWithinMs,
      signal: AbortSignal.timeout(given.answerWithinMs),
    })
    request.on('socket', (socket) => {
      if (open.has(socket)) return
      const add = () => { open.add(socket); socket.once('close', () => open.delete(socket)) }
      if (socket.connecting) socket.once('connect', add)
      else if (!socket.destroyed) add()
    })
    request.on('response', (answer) => {
      answer.on('end', () => resolve(String(answer.statusCode)))
      answer.on('error', (fault) => resolve(fault.code ?? fault.name))
      answer.resume()
    })
    request.on('error', (fault) => resolve(fault.name === 'TimeoutError' || fault.name === 'AbortError' || fault.code === 'ABORT_ERR' ? 'timeout' : fault.code ?? fault.name))
    request.end(given.body ?? undefined)
  })
}

// What began in the ramp is no measurement.
function count(outcome, due, ended) {
  if (due < begins) return
  const bad = !/^[23]/.test(outcome)
  told.requests += 1
  told.outcomes[outcome] = (told.outcomes[outcome] ?? 0) + 1
  if (OWN.has(outcome)) told.ownFaults += 1
  if (bad) told.errors += 1
  if (/^\d/.test(outcome)) { all.add(ended - due); if (bucket) bucket.times.add(ended - due) }
  if (bucket) { bucket.requests += 1; if (bad) bucket.errors += 1 }
}

const headers = { 'user-agent': 'holdpoint-load', 'x-synthetic': 'holdpoint', ...given.headers }
const agentOf = (maxSockets) => new (secure ? https : http).Agent({ keepAlive: true, maxSockets })
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

async function user(index, start) {
  await wait(start + (given.rampMs * index) / given.users - now())
  const agent = agentOf(1)
  while (now() < ends) {
    const began = now()
    const outcome = await ask(agent)
    count(outcome, began, now())
    // A refusal at once is not asked again a thousand times a second.
    const least = /^\d/.test(outcome) ? given.pauseMs : Math.max(given.pauseMs, 50)
    if (least > 0) await wait(Math.min(least, ends - now()))
  }
  agent.destroy()
}

async function atRate(start) {
  const agent = agentOf(given.users)
  const running = new Set()
  const queue = []
  const send = (due) => {
    const one = ask(agent).then((outcome) => {
      count(outcome, due, now())
      running.delete(one)
      const next = queue.shift()
      if (next !== undefined) send(next)
    })
    running.add(one)
  }
  const total = Math.floor(((given.rampMs + given.forMs) * given.rate) / 1000)
  for (let index = 0; index < total; index += 1) {
    const due = start + (index * 1000) / given.rate
    if (due > now()) await wait(due - now())
    if (running.size < given.users) send(due)
    else queue.push(due)
  }
  const last = now() + given.answerWithinMs
  while (running.size > 0 && now() < last) await Promise.race([...running, wait(last - now())])
  for (const due of queue) count('never sent', due, now())
  agent.destroy()
}

async function memoryNow() {
  const { url: place, addresses, metric } = given.memory
  const text = await new Promise((resolve) => {
    const client = place.startsWith('https:') ? https : http
    const request = client.get(place, { lookup: pinned(addresses), signal: AbortSignal.timeout(given.answerWithinMs) }, (answer) => {
      const pieces = []
      answer.on('data', (piece) => pieces.push(piece))
      answer.on('end', () => resolve(answer.statusCode === 200 ? Buffer.concat(pieces).toString('utf8') : ''))
      answer.on('error', () => resolve(''))
    })
    request.on('error', () => resolve(''))
  })
  const lines = text.split('\n').filter((line) => line.startsWith(metric) && /^[{\s]/.test(line.slice(metric.length)))
  const values = lines.map((line) => Number(line.slice(line.lastIndexOf('}') + 1 || metric.length).trim().split(/\s+/)[0]))
  return values.length > 0 && values.every(Number.isFinite) ? values.reduce((sum, value) => sum + value, 0) : null
}

async function watch() {
  await wait(begins - now())
  bucket = newBucket()
  for (let end = begins + given.everyMs; end <= ends + 1; end += given.everyMs) {
    await wait(end - now())
    const full = bucket
    bucket = newBucket()
    if (given.memory) full.memory = await memoryNow()
    told.buckets.push({ at: full.at, requests: full.requests, errors: full.errors, p50: full.times.at(0.5), p95: full.times.at(0.95), memory: full.memory })
    process.stderr.write(told.requests + ' requests, ' + told.errors + ' errors, ' + open.size + ' connections\n')
  }
  bucket = null
}

async function main() {
  if (given.token !== null) {
    const token = process.env[given.token]
    if (token === undefined) { told.broken = 'the block has no secret ' + given.token + '; expected secrets: [' + given.token + ']'; return }
    headers.authorization = 'Bearer ' + token.trim()
  }
  const start = now()
  begins = start + given.rampMs
  ends = begins + given.forMs
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const looking = setInterval(() => { if (now() >= begins && now() < ends) looks.push(open.size) }, 50)
  const watching = watch()
  if (given.rate === null) await Promise.all(Array.from({ length: given.users }, (_, index) => user(index, start)))
  else await atRate(start)
  clearInterval(looking)
  await watching
  delay.disable()
  told.lagMs = Math.max(0, delay.percentile(99) / 1e6 - 10)
  told.rate = all.size / (given.forMs / 1000)
  told.connections = looks.sort((a, b) => a - b)[Math.floor(looks.length / 2)] ?? 0
  if (all.size > 0) told.latency = { p50: all.at(0.5), p90: all.at(0.9), p95: all.at(0.95), p99: all.at(0.99), max: all.max }
}

main()
  .catch((cause) => { told.broken = 'the load could not be made: ' + (cause.code ?? cause.message) })
  .finally(() => process.stdout.write('\n' + JSON.stringify(told) + '\n', () => process.exit(0)))
`
