/** The traffic mover: an order counts only when it is read back. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { EffectContext } from '../core/ports/engine.ts'
import type { CommandRequest } from '../core/ports/launcher.ts'
import type { Reached, TrafficDriver, TrafficDriverDefinition, TrafficPowers } from '../core/ports/traffic.ts'
import { realClock } from './clock.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, fakeLauncher, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'
import { createTrafficMover, type TrafficMoverDeps } from './traffic-mover.ts'

const component = { name: 'api', driver: 'fake', config: { port: '{{ port }}', set: 'shift {{ port }}' } }

/** A balancer that takes an order after so many readings; orders may be refused. */
interface Balancer {
  readonly orders: number[]
  readonly configs: unknown[]
  readonly powers: TrafficPowers[]
}

function mover(
  given: Partial<TrafficDriver> & { readonly slow?: number },
  more: Partial<TrafficMoverDeps> = {},
): { readonly move: ReturnType<typeof createTrafficMover>; readonly balancer: Balancer } {
  const balancer: Balancer = { orders: [], configs: [], powers: [] }
  let left = given.slow ?? 0
  const driver: TrafficDriver = {
    read: () => Promise.resolve({ kind: 'weight', percent: balancer.orders.at(-1) ?? 0, say: '' }),
    set: (percent, powers) => {
      balancer.powers.push(powers)
      balancer.orders.push(percent)
      return Promise.resolve()
    },
    verify: (percent): Promise<Reached> => {
      const is = left-- > 0 ? -1 : (balancer.orders.at(-1) ?? -1)
      return Promise.resolve({ kind: is === percent ? 'reached' : 'pending', percent: is, say: `canary has ${is} %` })
    },
    restore: () => {
      balancer.orders.push(0)
      return Promise.resolve()
    },
    ...given,
  }
  const definition: TrafficDriverDefinition = {
    kind: 'fake',
    summary: '',
    example: '',
    scripts: ['set'],
    config: z.unknown(),
    open: (config) => {
      balancer.configs.push(config)
      return driver
    },
  }
  const move = createTrafficMover({
    clock: realClock(),
    outbound: createOutbound(),
    vault: createSecretVault({ TOKEN: 'hunter2-hunter2' }),
    launcher: fakeLauncher({}),
    environment: () => Promise.resolve({ REGION: 'eu', OTHER: 'secret' }),
    drivers: new Map([['fake', definition as never]]),
    patienceMs: 300,
    pollMs: 20,
    ...more,
  })
  return { move, balancer }
}

function context(signal?: AbortSignal): EffectContext {
  const frontMatter =
    'environments: { test: {} }\nenv: [REGION]\ninputs: { port: {} }\nsecrets: { TOKEN: { env: TOKEN } }'
  const state = releaseOf({ frontMatter, steps: '- [ ] Ready', inputs: { port: '7' } })
  return contextFor(state, 'r1/shift/1', signal)
}

test('a weight is reached when it is read back, however often that takes', async () => {
  const { move, balancer } = mover({ slow: 5 })
  expect(await move.shift(component, 25, context())).toEqual({ kind: 'reached', percent: 25, say: 'canary has 25 %' })
  expect(balancer.orders).toEqual([25])
})

test('settings are filled in, shell text never', async () => {
  const { move, balancer } = mover({})
  await move.shift(component, 25, context())
  expect(balancer.configs).toEqual([{ port: '7', set: 'shift {{ port }}' }])
})

test('a weight that never comes is pending, with what is there and how long it took', async () => {
  const { move } = mover({ slow: 10_000 })
  const reached = await move.shift(component, 25, context())
  expect(reached).toMatchObject({ kind: 'pending', percent: -1 })
  expect(reached.say).toMatch(/^canary has -1 % \(after \d+ s\)$/)
})

test('a refused order is never reached, even where the weight happens to be right', async () => {
  const { move } = mover({
    set: () => Promise.reject(new Error('another release is at work, says hunter2-hunter2')),
    verify: () => Promise.resolve({ kind: 'reached', percent: 25, say: 'canary has 25 %' }),
  })
  expect(await move.shift(component, 25, context())).toEqual({
    kind: 'pending',
    percent: 25,
    say: 'another release is at work, says ***. Now: canary has 25 %',
  })
})

test('what cannot be told stays so, in a sentence', async () => {
  const blind: Reached = { kind: 'cannot-tell', percent: null, say: 'socket closed' }
  const { move } = mover({ verify: () => Promise.resolve(blind) })
  expect(await move.shift(component, 25, context())).toMatchObject({ kind: 'cannot-tell', percent: null })
  const unknown = await mover({}).move.shift({ ...component, driver: 'pigeon' }, 25, context())
  expect(unknown).toMatchObject({ kind: 'cannot-tell', say: 'there is no traffic driver pigeon in this engine.' })
  const thrown = await mover({ verify: () => Promise.reject(new Error('bug')) }).move.shift(component, 25, context())
  expect(thrown.kind).toBe('cannot-tell')
})

test('a restore that is refused at first is ordered again', async () => {
  let tries = 0
  const { move, balancer } = mover({
    restore: () => {
      tries += 1
      if (tries === 1) return Promise.reject(new Error('busy'))
      balancer.orders.push(0)
      return Promise.resolve()
    },
  })
  expect(await move.restore(component, context())).toMatchObject({ kind: 'reached', percent: 0 })
  expect(tries).toBe(2)
})

test('a restore that never works says what was refused and what is', async () => {
  const { move } = mover({ restore: () => Promise.reject(new Error('busy')), slow: 10_000 })
  const reached = await move.restore(component, context())
  expect(reached.kind).toBe('pending')
  expect(reached.say).toMatch(/^busy\. canary has -1 %/)
})

test('a shift that is stopped never counts as reached', async () => {
  const controller = new AbortController()
  const { move } = mover({ slow: 10_000 }, { patienceMs: 60_000 })
  const moving = move.shift(component, 25, context(controller.signal))
  controller.abort()
  expect(await moving).toEqual({ kind: 'cannot-tell', percent: null, say: 'stopped before the weight was read back' })
})

test('commands run under the attempt, see what the plan names and nothing else, and are never the same twice', async () => {
  const launcher = fakeLauncher({ stdout: Buffer.from('25') })
  const run = { shell: 'bash', script: 'shift', timeoutMs: 1000, env: { HOLDPOINT_WEIGHT: '25' }, cwd: null }
  const { move } = mover(
    {
      set: async (_percent, powers) => void (await powers.command(run)),
      verify: async (percent, powers) => {
        await powers.command({ ...run, script: 'read' })
        return { kind: 'reached', percent, say: 'there' }
      },
    },
    { launcher },
  )
  await move.shift(component, 25, context())
  await move.shift(component, 25, context())
  const [order, read, again] = launcher.asked as [CommandRequest, CommandRequest, CommandRequest]
  expect(order).toMatchObject({ attempt: 'r1/shift/1', effect: 'change', epoch: 1 })
  expect(order.env).toMatchObject({
    HOLDPOINT_WEIGHT: '25',
    REGION: 'eu',
    HOLDPOINT_INPUT_PORT: '7',
    HOLDPOINT_VERSION: '1.2.3',
  })
  expect(order.env).not.toHaveProperty('OTHER')
  expect(read).toMatchObject({ effect: 'read' })
  expect(again.attempt).toBe('r1/shift/1/order-2')
  expect(new Set(launcher.asked.map((request) => request.attempt)).size).toBe(4)
})

test('an order that was lost with its worker is told, also where the weight is reached', async () => {
  const lost = { ...base, ended: 'lost' as const, why: 'the worker was not heard of' }
  const run = { shell: 'bash', script: 'shift', timeoutMs: 1000, env: {}, cwd: null }
  const driver: Partial<TrafficDriver> = {
    set: async (_percent, powers) => void (await powers.command(run)),
    verify: () => Promise.resolve({ kind: 'reached', percent: 25, say: 'canary has 25 %' }),
  }
  const { move } = mover(driver, { launcher: fakeLauncher(lost) })
  expect(await move.shift(component, 25, context())).toEqual({
    kind: 'reached',
    percent: 25,
    say: 'canary has 25 %',
    isOrderLost: true,
  })
})

test('a command of a shift that is stopped is ended with its whole tree', async () => {
  const cancelled: string[] = []
  const controller = new AbortController()
  const launcher = {
    ...fakeLauncher(() => {
      controller.abort()
      return Promise.resolve({ ...base, ended: 'cancelled' as const })
    }),
    cancel: (attempt: string) => {
      cancelled.push(attempt)
      return Promise.resolve()
    },
  }
  const run = { shell: 'bash', script: 'shift', timeoutMs: 1000, env: {}, cwd: null }
  const { move } = mover({ set: async (_percent, powers) => void (await powers.command(run)) }, { launcher })
  expect((await move.shift(component, 25, context(controller.signal))).kind).toBe('cannot-tell')
  expect(cancelled).toEqual(['r1/shift/1'])
})

const nothing = new Uint8Array(0)
const base = {
  exitCode: null,
  signal: null,
  stdout: nothing,
  stderr: nothing,
  truncated: false,
  output: {},
  startedAt: 0,
  endedAt: 0,
  why: null,
}
