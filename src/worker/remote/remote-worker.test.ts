/** What a worker makes of its server's answers: begins what is signed and agreed, once; refuses the rest; hands in whatever happens. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommandRequest, CommandResult, Launcher } from '../../core/ports/launcher.ts'
import type { Finished, HeartbeatAnswer } from '../../core/ports/work.ts'
import { type WorkServer, WorkServerFault } from '../../core/ports/work-server.ts'
import { signOffer, type SignedOffer } from '../../core/work/assignment.ts'
import { exited, placeIn, requestOf, until } from '../pool/pool.fixture.ts'
import { Claims } from './claims.ts'
import { RemoteWorker } from './remote-worker.ts'
import { localRequest } from './workspace.ts'

const secret = 'hpt_the-token-of-this-worker'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-remote-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A server that gives what a test puts in; what is null is an answer without work. */
class FakeServer implements WorkServer {
  readonly offers: ((claim: string) => SignedOffer)[] = []
  readonly finished: { attempt: string; claim: string; result: CommandResult }[] = []
  beat: () => HeartbeatAnswer = () => ({ go: true, cancel: false, leaseMs: 1_000 })
  finish_: () => Finished['kind'] = () => 'kept'

  async next({ claim }: { claim: string }, signal: AbortSignal) {
    const offer = this.offers.shift()
    if (offer === undefined) await sleep(5, signal)
    return { offer: offer?.(claim) ?? null, told: null, leaseMs: 1_000 }
  }
  async heartbeat(_attempt: string, _claim: string, waitMs: number, signal: AbortSignal) {
    if (waitMs > 0) await sleep(5, signal)
    return this.beat()
  }
  output(): Promise<void> {
    return Promise.resolve()
  }
  async finish(attempt: string, claim: string, result: CommandResult) {
    const kind = this.finish_()
    this.finished.push({ attempt, claim, result })
    return Promise.resolve(kind)
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, 20))
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function fakeLauncher(
  overrides: Partial<Launcher> = {},
): Launcher & { readonly ran: CommandRequest[]; readonly calls: string[] } {
  const ran: CommandRequest[] = []
  const calls: string[] = []
  return {
    ran,
    calls,
    run: (request) => {
      ran.push(request)
      return Promise.resolve(exited())
    },
    attach: () => Promise.resolve(null),
    cancel: (attempt) => Promise.resolve(void calls.push(`cancel ${attempt}`)),
    forget: (attempt) => Promise.resolve(void calls.push(`forget ${attempt}`)),
    peek: () => Promise.resolve(''),
    lend: () => Promise.resolve(),
    ...overrides,
  }
}

function workerOf(server: WorkServer, launcher: Launcher) {
  const said: string[] = []
  const claims = new Claims(join(folder, 'claims'))
  // Real time passes; only the waiting is short.
  const clock = { now: () => performance.now(), sleep }
  const workplace = { workspace: folder, environment: {} }
  const worker = new RemoteWorker(
    { server, launcher, claims, clock, workplace, log: (line) => said.push(line) },
    { secret, jobs: 2, graceMs: 20 },
  )
  const running = worker.run()
  return {
    said,
    claims,
    worker,
    running,
    end: () => {
      worker.stop()
      return running
    },
  }
}

function offer(attempt: string, changes: Partial<CommandRequest> = {}) {
  return (claim: string): SignedOffer =>
    signOffer(secret, claim, { attempt, request: requestOf(attempt, changes), issuedAt: 0, expires: 10_000 })
}

test('what is signed and agreed is run once, handed in, and leaves the memory', async () => {
  const server = new FakeServer()
  const launcher = fakeLauncher()
  const { end, claims } = workerOf(server, launcher)
  server.offers.push(offer('a/1'))
  await until(() => Promise.resolve(server.finished[0] ?? null))
  await until(() => Promise.resolve(launcher.calls.includes('forget a/1') || null))
  expect(launcher.ran).toMatchObject([{ attempt: 'a/1', cwd: folder }])
  expect(claims.all()).toEqual([])
  await end()
})

describe('an assignment that is not as the server wrote it for this question', () => {
  const changed: Readonly<Record<string, (claim: string) => SignedOffer>> = {
    'was altered': (claim) => {
      const good = offer('a/1')(claim)
      return { ...good, request: { ...good.request, script: 'rm -rf /' } }
    },
    'has another time': (claim) => ({ ...offer('a/1')(claim), expires: 1e12 }),
    'was sent before': () => offer('a/1')('an-earlier-question'),
    'was sent before and renamed': (claim) => ({ ...offer('a/1')('an-earlier-question'), claim }),
    'is of another token': (claim) =>
      signOffer('hpt_other', claim, { attempt: 'a/1', request: requestOf('a/1'), issuedAt: 0, expires: 10_000 }),
    'is not signed': (claim) => ({ ...offer('a/1')(claim), signature: '' }),
    'had no time left': (claim) =>
      signOffer(secret, claim, { attempt: 'a/1', request: requestOf('a/1'), issuedAt: 0, expires: -30_000 }),
  }
  test.each(Object.entries(changed))('because it %s is never begun', async (_what, make) => {
    const server = new FakeServer()
    const launcher = fakeLauncher()
    const { end, said, claims } = workerOf(server, launcher)
    server.offers.push(make)
    await until(() => Promise.resolve(said.find((line) => line.includes('was refused')) ?? null))
    await end()
    expect(launcher.ran).toEqual([])
    expect(server.finished).toEqual([])
    expect(claims.all()).toEqual([])
  })
})

test('the same attempt twice is begun once, also when the second assignment is good', async () => {
  const server = new FakeServer()
  const release = Promise.withResolvers<CommandResult>()
  const launcher = fakeLauncher()
  launcher.run = (request) => {
    launcher.ran.push(request)
    return release.promise
  }
  const { end, said } = workerOf(server, launcher)
  server.offers.push(offer('a/1'), offer('a/1'))
  await until(() => Promise.resolve(said.find((line) => line.includes('assigned again')) ?? null))
  release.resolve(exited())
  await until(() => Promise.resolve(server.finished[0] ?? null))
  await end()
  expect(launcher.ran).toHaveLength(1)
})

test('what the server has given to somebody else meanwhile is not begun', async () => {
  const server = new FakeServer()
  server.beat = () => ({ go: false, cancel: true, leaseMs: 1_000 })
  const launcher = fakeLauncher()
  const { end, said, claims } = workerOf(server, launcher)
  server.offers.push(offer('a/1'))
  await until(() => Promise.resolve(said.find((line) => line.includes('not begun')) ?? null))
  await end()
  expect(launcher.ran).toEqual([])
  expect(claims.all()).toEqual([])
})

test('a result is offered until the server takes it, and the command is not run again for that', async () => {
  const server = new FakeServer()
  let refusals = 3
  server.finish_ = () => {
    refusals -= 1
    if (refusals >= 0) throw new WorkServerFault('the wire is cut', null)
    return 'kept'
  }
  const launcher = fakeLauncher()
  const { end } = workerOf(server, launcher)
  server.offers.push(offer('a/1'))
  await until(() => Promise.resolve(server.finished[0] ?? null))
  await end()
  expect(launcher.ran).toHaveLength(1)
})

test('a worker that was started again says of each attempt what became of it', async () => {
  new Claims(join(folder, 'claims')).keep({ attempt: 'ran/1', claim: 'one', timeoutMs: 1 })
  new Claims(join(folder, 'claims')).keep({ attempt: 'never/1', claim: 'two', timeoutMs: 1 })
  const server = new FakeServer()
  const launcher = fakeLauncher({ attach: (attempt) => Promise.resolve(attempt === 'ran/1' ? exited() : null) })
  const { end } = workerOf(server, launcher)
  await until(() => Promise.resolve(server.finished.length === 2 || null))
  await end()
  const byAttempt = new Map(server.finished.map((one) => [one.attempt, one]))
  expect(byAttempt.get('ran/1')).toMatchObject({ claim: 'one', result: { ended: 'exit' } })
  expect(byAttempt.get('never/1')).toMatchObject({ claim: 'two', result: { ended: 'not-started' } })
  expect(launcher.ran).toEqual([])
})

test('a wrong token ends a worker that has nothing to hand in', async () => {
  const server = new FakeServer()
  server.next = () => Promise.reject(new WorkServerFault('This token has been revoked.', 'not-signed-in'))
  await expect(workerOf(server, fakeLauncher()).running).rejects.toThrow('revoked')
})

test('a command that its server gave up is stopped, and its end told', async () => {
  const server = new FakeServer()
  const over = Promise.withResolvers<CommandResult>()
  const launcher = fakeLauncher({
    cancel: () => Promise.resolve(over.resolve(exited({ ended: 'cancelled', exitCode: null, signal: 'SIGTERM' }))),
  })
  launcher.run = (request) => {
    launcher.ran.push(request)
    server.beat = () => ({ go: false, cancel: true, leaseMs: 1_000 })
    return over.promise
  }
  const { end } = workerOf(server, launcher)
  server.offers.push(offer('a/1'))
  await until(() => Promise.resolve(server.finished[0] ?? null))
  expect(server.finished[0]?.result.ended).toBe('cancelled')
  await end()
})

describe('the workspace of a worker', () => {
  const at = (place: string, changes: Partial<CommandRequest> = {}) =>
    localRequest(requestOf('a/1', { place: { ...placeIn('production'), folder: place }, ...changes }), {
      workspace: folder,
      environment: { REGION: 'eu-1', HOLDPOINT_TOKEN: secret },
    })

  test('takes the place of the folder of the release', () => {
    mkdirSync(join(folder, 'scripts'))
    expect(at('')).toMatchObject({ cwd: folder })
    expect(at('scripts')).toMatchObject({ cwd: join(folder, 'scripts') })
  })

  test('is never left, by dots or by links', () => {
    symlinkSync('/etc', join(folder, 'out'))
    for (const place of ['..', '../..', 'out', 'out/..', '/etc', 'missing'])
      expect('refused' in at(place) || (at(place) as CommandRequest).cwd.startsWith(folder), place).toBe(true)
    expect(at('..')).toHaveProperty('refused')
    expect(at('out')).toHaveProperty('refused')
    expect(at('missing')).toHaveProperty('refused')
  })

  test("adds its own values for the names under env, and keeps what is the worker's own", () => {
    const place = { ...placeIn('production'), environmentNames: ['REGION', 'HOLDPOINT_TOKEN', 'MISSING'] }
    const local = localRequest(requestOf('a/1', { place }), {
      workspace: folder,
      environment: { REGION: 'eu-1', HOLDPOINT_TOKEN: secret },
    })
    expect(local).toMatchObject({ env: { REGION: 'eu-1', HOLDPOINT_RELEASE: 'r1' } })
    expect(JSON.stringify(local)).not.toContain(secret)
    expect(at('', { secrets: { T: { from: 'env', name: 'HOLDPOINT_TOKEN' } } })).toHaveProperty('refused')
  })
})
