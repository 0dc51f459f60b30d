/** `judge` as a filter: a line in, a line out, in lockstep. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-judge-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Said {
  readonly verdict: string
  readonly reason: string
}

/** Sends one line, and the next only after its answer. */
function open(...args: readonly string[]): {
  readonly child: ChildProcessWithoutNullStreams
  ask(line: unknown): Promise<Said>
  end(): Promise<{ readonly code: number | null; readonly err: string }>
} {
  const child = spawn(process.execPath, [bin, 'judge', ...args])
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    child,
    async ask(line) {
      child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
      return JSON.parse(String((await answers.next()).value)) as Said
    },
    async end() {
      child.stdin.end()
      return { code: await closed, err }
    },
  }
}

const start = {
  type: 'start',
  step: 15,
  le: [0.1, 0.5, '+Inf'],
  plan: [{ share: 0.05, seconds: 600 }],
  warmup: 0,
  limits: { latencyAbs: {} },
}

function interval(n: number, errors: number): unknown {
  const buckets = (all: number): readonly number[] => [all * 0.6, all * 0.97, all]
  return {
    type: 'interval',
    t: n * 15,
    dt: 15,
    stage: 0,
    weight: 0.05,
    canary: { requests: 1000, errors, buckets: buckets(1000) },
    stable: { requests: 19_000, errors: 57, buckets: buckets(19_000) },
  }
}

test('a healthy canary goes on at the end of its stage, a bad one back long before, and a start clears all of it', async () => {
  const judge = open()
  expect(await judge.ask(start)).toMatchObject({ verdict: 'HOLD', reason: 'started' })
  const healthy: string[] = []
  for (let n = 1; n <= 40; n += 1) healthy.push((await judge.ask(interval(n, 3))).verdict)
  expect(healthy.slice(0, -1)).toEqual(Array.from({ length: 39 }, () => 'HOLD'))
  expect(healthy.at(-1)).toBe('PROCEED')
  await judge.ask(start)
  const bad: string[] = []
  for (let n = 1; n <= 6; n += 1) bad.push((await judge.ask(interval(n, 30))).verdict)
  expect(bad[0]).toBe('HOLD')
  expect(bad.at(-1)).toBe('ROLLBACK')
  await judge.ask(start)
  expect(await judge.ask(interval(1, 3))).toMatchObject({ verdict: 'HOLD' })
  expect(await judge.end()).toMatchObject({ code: 0, err: '' })
}, 30_000)

test('a line that cannot be used is answered with HOLD and why, and nothing is lost by it', async () => {
  const judge = open()
  expect(await judge.ask('not JSON')).toMatchObject({ verdict: 'HOLD' })
  await judge.ask(start)
  expect((await judge.ask({ type: 'interval', t: 15, dt: -1 })).reason).toContain('dt')
  expect(await judge.ask({ type: 'interval', t: 15, dt: 15 })).toMatchObject({ verdict: 'HOLD' })
  expect(await judge.ask(interval(2, 900))).toMatchObject({ verdict: 'ROLLBACK', reason: 'errors' })
  await judge.end()
}, 30_000)

test('a policy file stands in for the limits of the start line', async () => {
  const file = join(folder, 'lax.yaml')
  await writeFile(
    file,
    'limits:\n  errorRate: { go: 0.9, rollback: 0.95, outage: 0.97 }\n  errorRatio: { rollback: 900, go: 1000 }\n  latencyAbs: {}\n',
  )
  const judge = open('--policy', file)
  await judge.ask(start)
  for (let n = 1; n <= 6; n += 1) expect((await judge.ask(interval(n, 30))).verdict).toBe('HOLD')
  await judge.end()
}, 30_000)

test('a policy file with a slip is refused with the place and an example', async () => {
  const file = join(folder, 'slip.yaml')
  await writeFile(file, 'false-alarm: 5\n')
  const { code, err } = await open('--policy', file).end()
  expect(code).toBe(2)
  expect(err).toContain('false-alarm')
  expect(err).toContain('false-alarm: 0.01')
}, 30_000)
