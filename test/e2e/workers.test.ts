/** Workers as real processes: killed, ended and started again at every moment; what they did is told truly and never done twice. */
import { randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { until } from '../support/programs.ts'
import type { Ended } from '../support/team-server.ts'
import { type Process, type WorkerWorld, workerWorld } from '../support/worker-world.ts'

/** Processes on a busy machine: what takes longer only takes longer. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const SECRET = 'a-secret-of-the-worker'
let world: WorkerWorld
let token = ''
let staging = ''
/** Of this test: what it releases, and its worker. */
let service = ''
let workers: { readonly name: string; readonly process: Process }[] = []

beforeAll(async () => {
  world = await workerWorld('2s', { API_TOKEN: SECRET, REGION: 'eu-1' })
  token = await world.token('prod-1', 'production', ['gpu'])
  staging = await world.token('stage-1', 'staging')
})
afterAll(() => world?.end())

beforeEach(() => {
  service = `shop-${randomBytes(3).toString('hex')}`
})
afterEach(async () => {
  for (const { name } of workers) await kill(name)
  workers = []
  if (world.server().code() !== null) await world.startServer()
})

function worker(name: string, flags: readonly string[] = [], its = token): Process {
  const own = `${service}-${name}`
  const started = world.startWorker(own, its, flags)
  workers.push({ name: own, process: started })
  return started
}

/** A whole machine that is gone: the worker and everything that it started. */
async function kill(own: string): Promise<void> {
  const running = workers.filter(({ name, process: each }) => name === own && each.code() === null)
  for (const { process: each } of running) each.signal('SIGKILL')
  for (const { process: each } of running) await each.gone()
  for (const pid of world.launchersOf(own)) killTree(pid)
}

function killTree(pid: number): void {
  for (const child of childrenOf(pid)) killTree(child)
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was ended with what it ran.
  }
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => {
      try {
        return new RegExp(`^PPid:\\t${pid}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'utf8'))
      } catch {
        return false
      }
    })
    .map(Number)
}

/** One action that leaves a line when it begins and one when it is done, so that doing it twice shows. */
function action(script: string, attributes = ''): string {
  return list(
    `- [ ] Deployed\n${fence(`run ${attributes} irreversible="a test"`, `echo begun >> ${service}.begun\n${script}\necho done >> ${service}.done`)}`,
  )
}

function fence(words: string, script: string): string {
  return ['```sh ' + words, ...script.split('\n'), '```'].map((line) => `  ${line}`).join('\n')
}

function list(steps: string): string {
  return `---
holdpoint: 1
service: ${service}
environments: { production: {}, staging: {} }
env: [REGION, HOLDPOINT_TOKEN]
secrets: { API_TOKEN: { env: API_TOKEN } }
---
# Shop
## Deploy
${steps}
`
}

function run(document: string, environment = 'production'): Promise<Ended> {
  return world.holdpoint('run', world.write(document), '--version', '1.0.0', '--env', environment)
}

async function release(): Promise<string> {
  let found = ''
  await until('the release is there', async () => {
    const { out } = await world.holdpoint('release', 'list', '--json')
    found =
      (JSON.parse(out) as readonly { id: string; service: string }[]).find((one) => one.service === service)?.id ?? ''
    return found !== ''
  })
  return found
}

async function show(): Promise<string> {
  return (await world.holdpoint('release', 'show', await release())).out
}

const lines = (file: string) => world.read(`${service}.${file}`).split('\n').length - 1
const shows = (text: string) => until(`the release shows: ${text}`, async () => (await show()).includes(text))
const begins = () => until('the command begins', () => lines('begun') > 0)
/** A command that goes on until the test lets it end. */
const untilTold = () => `while [ ! -e ${service}.go ]; do sleep 0.05; done`
const tell = () => execFileSync('touch', [`${world.workspace}/${service}.go`])

test('a command runs in the worker, with its values and secrets, which never reach the server', async () => {
  const one = worker('one', ['--environment', 'production'])
  const seen = 'echo "$API_TOKEN $REGION ${HOLDPOINT_TOKEN:-no token}"'
  const script = `${seen} > ${service}.seen; echo "it is $API_TOKEN"; pwd`
  const ended = await run(action(script, 'secrets=API_TOKEN'))
  expect(ended.err).toBe('')
  expect(ended.code).toBe(0)
  expect(world.read(`${service}.seen`)).toBe(`${SECRET} eu-1 no token\n`)
  expect(lines('done')).toBe(1)
  const bundle = await world.holdpoint('export', await release(), '--format', 'report')
  expect(bundle.code).toBe(0)
  for (const file of world.storeFiles()) expect(readFileSync(file).includes(SECRET), file).toBe(false)
  expect(one.said()).not.toContain(SECRET)
  expect((await world.holdpoint('worker', 'list')).out).toMatch(/prod-1 on \S+ +production +gpu +now/)
})

test('without a worker the step says what it waits for, and one that comes runs it; a staging worker never does', async () => {
  const other = worker('staging', [], staging)
  const running = run(action('true', 'worker=gpu'))
  await shows('waits for a worker of production (label gpu)')
  expect((await world.holdpoint('release', 'show', await release(), '--json')).out).toContain('waits for a worker')
  worker('unlabelled', ['--label', 'none-of-mine']) // Its token does not bring that: it ends.
  await until('a worker with a foreign label is turned away', () => workers.at(-1)?.process.code() === 1)
  expect(lines('begun')).toBe(0)
  worker('one')
  expect((await running).code).toBe(0)
  expect(lines('begun')).toBe(1)
  expect(other.said()).not.toContain('begins')
})

test('a staging worker that asks for production is turned away', async () => {
  const greedy = worker('greedy', ['--environment', 'production'], staging)
  await until('it ends', () => greedy.code() === 1)
  expect(greedy.said()).toContain('no work of the environment "production"')
})

describe('a worker that is killed', () => {
  test('between the claim and the beginning loses nothing: the next one takes the command', async () => {
    const running = run(action('true'))
    await shows('waits for a worker')
    const { offer } = (await ask('/v1/work/claim', claimBody)) as { offer: { attempt: string } }
    expect(offer.attempt).toContain(service)
    worker('one')
    expect((await running).code).toBe(0)
    expect(lines('begun')).toBe(1)
  })

  test('as it begins leaves an unknown action, and nobody begins it again', async () => {
    void run(action('true'))
    await shows('waits for a worker')
    const { offer } = (await ask('/v1/work/claim', claimBody)) as { offer: { attempt: string } }
    const beat = { name: 'gone', claim: claimBody.claim, waitMs: 0 }
    expect(await ask(`/v1/work/${encodeURIComponent(offer.attempt)}/heartbeat`, beat)).toMatchObject({ go: true })
    worker('one')
    await shows('unknown')
    expect(await show()).toContain('was not heard of')
    expect(lines('begun')).toBe(0)
  })

  test('with its whole machine in the middle of a command leaves an unknown action, also when it comes back', async () => {
    worker('one')
    void run(action(untilTold()))
    await begins()
    await kill(`${service}-one`)
    await shows('unknown')
    const again = worker('one')
    await until('it hands in that its launcher was lost', () => again.said().includes('too late'))
    tell()
    expect(await show()).toContain('unknown')
    expect(lines('begun')).toBe(1)
    expect(lines('done')).toBe(0)
  })

  test('and started again finds the command that went on, and the release goes on', async () => {
    const one = worker('one')
    const running = run(action(untilTold()))
    await begins()
    one.signal('SIGKILL')
    await one.gone()
    const again = worker('one')
    await until('it is found again', () => again.said().includes('found again'))
    tell()
    expect((await running).code).toBe(0)
    expect(lines('begun')).toBe(1)
    expect(lines('done')).toBe(1)
  })

  test('after the command ended and before its result was taken hands it in when it comes back, and the server too', async () => {
    const one = worker('one')
    const running = run(action(untilTold()))
    await begins()
    const server = world.server()
    server.signal('SIGKILL')
    await server.gone()
    tell()
    await until('the command is done', () => lines('done') === 1)
    await until('its result finds no server', () => one.said().includes('kept here until the server takes it'))
    one.signal('SIGKILL')
    await one.gone()
    worker('one')
    await world.startServer()
    await running
    await shows('closed')
    expect(lines('begun')).toBe(1)
  })

  test('while it reads leaves a check that another worker runs again by itself', async () => {
    worker('one')
    const check = `echo x >> ${service}.begun\nif [ "$(wc -l < ${service}.begun)" -lt 2 ]; then sleep 600; fi`
    void run(list(`- [ ] All well\n${fence('check', check)}`))
    await begins()
    await kill(`${service}-one`)
    await shows('waits for a worker')
    worker('two')
    await shows('closed')
    expect(lines('begun')).toBe(2)
  })
})

test('a server that is killed while a command runs goes on with it when it is back', async () => {
  worker('one')
  const running = run(action(untilTold()))
  await begins()
  world.server().signal('SIGKILL')
  await world.server().gone()
  await world.startServer()
  tell()
  await running
  await shows('closed')
  expect(lines('begun')).toBe(1)
  expect(lines('done')).toBe(1)
})

test('a worker that was stopped for longer than its lease has lost the attempt, and its late result changes nothing', async () => {
  const one = worker('one')
  void run(action(untilTold()))
  await begins()
  one.signal('SIGSTOP')
  await shows('unknown')
  tell()
  await until('the command is done', () => lines('done') === 1)
  one.signal('SIGCONT')
  await until('it hands in too late', () => one.said().includes('too late, kept as evidence only'))
  expect(await show()).toContain('unknown')
  const audit = await world.holdpoint('audit', '--json')
  expect(audit.out).toContain('LateResult')
  expect(lines('begun')).toBe(1)
})

describe('a worker that is asked to end', () => {
  test('takes nothing new, lets its command end, hands it in, and is gone', async () => {
    const one = worker('one')
    const running = run(action(untilTold()))
    await begins()
    one.signal('SIGTERM')
    await until('it says so', () => one.said().includes('ending'))
    expect(one.code()).toBeNull()
    tell()
    expect((await running).code).toBe(0)
    await one.gone()
    expect(one.code()).toBe(0)
  })

  test('stops what does not end within its grace, whole tree, and the release knows', async () => {
    const one = worker('one', ['--grace', '300ms'])
    void run(action(`sh -c 'trap "" TERM; echo $$ > ${service}.child; sleep 600' & wait`))
    await until('the child is there', () => world.read(`${service}.child`) !== '')
    one.signal('SIGTERM')
    await one.gone()
    expect(isAlive(Number(world.read(`${service}.child`)))).toBe(false)
    await shows('stopped before it ended')
    expect(await show()).toContain('unknown')
  })

  test('twice does not wait for the grace', async () => {
    const one = worker('one', ['--grace', '1h'])
    void run(action('sleep 600'))
    await begins()
    one.signal('SIGTERM')
    await until('it says so', () => one.said().includes('ending'))
    one.signal('SIGTERM')
    await one.gone()
    expect(one.code()).toBe(0)
    await shows('stopped before it ended')
  })

  test('again and again is gone at once; its command goes on and the next worker hands it in', async () => {
    const one = worker('one', ['--grace', '1h'])
    void run(action(`trap '' TERM\n${untilTold()}`))
    await begins()
    await until('it is gone', () => {
      one.signal('SIGINT')
      return one.code() !== null
    })
    tell()
    worker('one')
    await until('the truth is shown', async () => /unknown|closed/.test(await show()))
    expect(lines('begun')).toBe(1)
  })
})

test('a release that is turned back stops its command at the worker', async () => {
  worker('one')
  void run(action(untilTold()))
  await begins()
  await world.holdpoint('release', 'abort', await release(), '--reason', 'smoke')
  await until(
    'nothing of it goes on',
    async () => (await show()).includes('stopped') || (await show()).includes('unknown'),
  )
  tell()
  expect(lines('done')).toBe(0)
})

const claimBody = {
  name: 'gone',
  claim: 'a-question-of-a-test',
  environments: null,
  labels: null,
  urgentOnly: false,
  waitMs: 5_000,
  jobs: 1,
  version: '1',
}

/** As a worker whose program we are. */
async function ask(path: string, body: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${readFileSync(token, 'utf8').trim()}`, 'content-type': 'application/json' }
  const answer = await fetch(`${world.address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return answer.json()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
