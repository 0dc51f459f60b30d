/**
 * P12: a stored event to 1,000 open streams of one release, beside a bare Node server that writes the same bytes to as
 * many. Both are asked for one event after another; the time until each reader has it is measured by the readers' own
 * process. At the end every reader comes back with its last id: nothing may be missing or doubled.
 */
import { fork } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, report } from './measure.ts'
import { startHeld, startServed } from './served.ts'

const READERS = Number(process.argv[3] ?? process.argv[2] ?? 1000)
const EVENTS = 60
const EVERY_MS = 250

async function measure(): Promise<void> {
  const served = await startServed()
  const [release = ''] = await startHeld(served, 1)
  const bare = fork(import.meta.filename, ['bare'], { stdio: 'inherit' })
  const barePort = await new Promise<number>((resolve) => bare.once('message', (told) => resolve(told as number)))
  const ours = new Readers({ port: served.port, path: `/v1/releases/${release}/stream`, headers: served.headers })
  const theirs = new Readers({ port: barePort, path: '/', headers: {} })
  try {
    await ours.open()
    await theirs.open()
    await sleep(2_000)
    for (let index = 0; index < EVENTS; index += 1) {
      const note = { command: { kind: 'Note', step: null, note: stamp() }, seen: null }
      await served.post(`/v1/releases/${release}/commands`, note)
      await sleep(EVERY_MS / 2)
      bare.send(stamp())
      await sleep(EVERY_MS / 2)
    }
    await sleep(2_000)
    report(`P12 an event to ${READERS} readers, p99`, {
      value: percentile(ours.times, 0.99),
      baseline: percentile(theirs.times, 0.99),
      unit: 'ms',
      goal: 3,
    })
    const missing = READERS * EVENTS - ours.times.length
    const doubled = ours.doubled
    ours.close()
    for (let index = 0; index < 5; index += 1)
      await served.post(`/v1/releases/${release}/commands`, {
        command: { kind: 'Note', step: null, note: `away ${index}` },
        seen: null,
      })
    await ours.open()
    await sleep(3_000)
    const away = READERS * 5 - ours.caughtUp
    process.stdout.write(
      `${missing + doubled + away === 0 ? 'met   ' : 'missed'} P12 events lost ${missing}, doubled ${doubled}, lost while away ${away}\n`,
    )
  } finally {
    ours.close()
    theirs.close()
    bare.kill()
    await served.team.end()
  }
}

function stamp(): string {
  return `at ${performance.timeOrigin + performance.now()} end`
}

interface Target {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

class Readers {
  readonly times: number[] = []
  doubled = 0
  caughtUp = 0
  readonly #target: Target
  readonly #lastIds: number[] = Array.from({ length: READERS }, () => 0)
  #requests: http.ClientRequest[] = []

  constructor(target: Target) {
    this.#target = target
  }

  async open(): Promise<void> {
    for (let from = 0; from < READERS; from += 50)
      await Promise.all(Array.from({ length: Math.min(50, READERS - from) }, (_, at) => this.#openOne(from + at)))
  }

  close(): void {
    for (const request of this.#requests) request.destroy()
    this.#requests = []
  }

  #openOne(reader: number): Promise<void> {
    const { port, path, headers } = this.#target
    const last = this.#lastIds[reader] ?? 0
    return new Promise((resolve, reject) => {
      const request = http.get(
        {
          host: '127.0.0.1',
          port,
          path,
          agent: false,
          headers: { ...headers, ...(last > 0 ? { 'last-event-id': String(last) } : {}) },
        },
        (answer) => {
          if (answer.statusCode !== 200) return reject(new Error(`a stream answered ${answer.statusCode}`))
          let rest = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            const messages = (rest + chunk).split('\n\n')
            rest = messages.pop() ?? ''
            for (const message of messages) this.#read(reader, message)
          })
          answer.on('error', () => {})
          resolve()
        },
      )
      request.on('error', (fault) => (this.#requests.includes(request) ? undefined : reject(fault)))
      this.#requests.push(request)
    })
  }

  #read(reader: number, message: string): void {
    const now = performance.timeOrigin + performance.now()
    const id = Number(/^id: (\d+)$/m.exec(message)?.[1] ?? 0)
    if (id > 0) {
      if (id <= (this.#lastIds[reader] ?? 0)) this.doubled += 1
      this.#lastIds[reader] = Math.max(id, this.#lastIds[reader] ?? 0)
    }
    if (!message.startsWith('event: event')) return
    const at = /at (\d+(?:\.\d+)?) end/.exec(message)?.[1]
    if (at !== undefined) this.times.push(now - Number(at))
    if (/"away \d"/.test(message)) this.caughtUp += 1
  }
}

/** Writes what it is told to every reader, in the shape of our events. */
function serveBare(): void {
  const readers = new Set<http.ServerResponse>()
  let id = 0
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    readers.add(response)
    response.on('close', () => readers.delete(response))
  })
  process.on('message', (text: string) => {
    id += 1
    const data = JSON.stringify({
      event: { kind: 'NoteAdded', note: text },
      hash: 'f'.repeat(64),
      previousHash: 'e'.repeat(64),
    })
    for (const reader of readers) reader.write(`event: event\ndata: ${data}\nid: ${id}\n\n`)
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  process.once('disconnect', () => process.exit(0))
}

if (process.argv[2] === 'bare') serveBare()
else await measure()
