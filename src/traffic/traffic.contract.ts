/** What every traffic driver must do: order, read back what is, say when it cannot tell, restore from anywhere. */
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommandResult } from '../core/ports/launcher.ts'
import type { TrafficDriver, TrafficPowers } from '../core/ports/traffic.ts'
import { fewestRequests, type Served, splitOf } from '../core/traffic/served-split.ts'

/** A balancer with two versions behind it, running on loopback. */
export interface TrafficWorld {
  readonly driver: TrafficDriver
  /** Address that users would call; null where the driver's target balances nothing by itself. */
  readonly address: string | null
  /** Highest weight that it can give; absent = 100. Every weight of this suite is that much smaller. */
  readonly most?: number
  /** Prints what canary and stable have served, where the balancer does not count by itself. */
  readonly counts?: string
  /** Somebody else changes the weight behind the driver's back. */
  meddle(percent: number): Promise<void>
  /** The balancer is gone from here on. */
  down(): Promise<void>
  stop(): Promise<void>
}

export function trafficDriverContract(make: (stable: string, canary: string) => Promise<TrafficWorld>): void {
  let world: TrafficWorld
  const versions: Server[] = []

  beforeAll(async () => {
    const [stable, canary] = await Promise.all(['stable', 'canary'].map(version))
    versions.push(stable as Server, canary as Server)
    world = await make(addressOf(stable as Server), addressOf(canary as Server))
  })
  afterAll(async () => {
    await world?.stop()
    for (const server of versions) {
      server.closeAllConnections()
      server.close()
    }
  })

  const part = (percent: number): number => (percent * (world.most ?? 100)) / 100
  /** What the mover does: order, then read until it is so. */
  const shift = async (percent: number): Promise<void> => {
    await world.driver.set(percent, powers())
    await reached(percent)
  }
  const reached = async (percent: number): Promise<void> => {
    for (let tries = 0; tries < 200; tries++) {
      if ((await world.driver.verify(percent, powers())).kind === 'reached') return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`never at ${percent} %: ${JSON.stringify(await world.driver.read(powers()))}`)
  }
  const answers = async (count: number): Promise<readonly string[]> => {
    if (world.address === null) return []
    const all: string[] = []
    for (let i = 0; i < count; i++)
      all.push(await (await fetch(world.address, { headers: { connection: 'close' } })).text())
    return all
  }

  test('a weight that was set is read back, at every stage', async () => {
    for (const percent of [5, 25, 50, 12.5, 100, 1, 0].map(part)) {
      await shift(percent)
      const reading = await world.driver.read(powers())
      if (reading.kind !== 'weight') throw new Error(reading.say)
      expect(Math.abs(reading.percent - percent)).toBeLessThanOrEqual(0.5)
      expect(reading.say).toMatch(/%/)
    }
  })

  test('setting the same weight again changes nothing', async () => {
    await shift(part(25))
    await shift(part(25))
    expect(await world.driver.verify(part(25), powers())).toMatchObject({ kind: 'reached' })
  })

  test('another weight than ordered is pending, with both numbers', async () => {
    await shift(part(25))
    const reached = await world.driver.verify(part(50), powers())
    expect(reached).toMatchObject({ kind: 'pending' })
    expect(reached.say).toContain(`${Number(part(50).toFixed(2))} % ordered`)
    expect(await world.driver.verify(0, powers())).toMatchObject({ kind: 'pending' })
  })

  test('traffic follows the weight', async () => {
    // A proxy that was told to read its settings again serves for a moment by the old ones.
    const served = (): Promise<readonly string[]> => answers(20)
    await shift(0)
    await expect.poll(served, { timeout: 20_000 }).not.toContain('canary')
    await shift(part(100))
    await expect.poll(served, { timeout: 20_000 }).not.toContain('stable')
    await shift(part(50))
    const seen = new Set(await answers(60))
    if (world.address !== null) expect([...seen].sort()).toEqual(['canary', 'stable'])
  })

  test('what was really served is counted: the split that was ordered, and not another one', async () => {
    const counted = async (): Promise<Served> => {
      const own = await world.driver.counts?.(powers())
      if (own !== undefined && 'noData' in own) throw new Error(own.noData)
      if (own !== undefined) return own
      const { stdout } = await runBash(world.counts ?? 'exit 1', {}, new AbortController().signal)
      const [canary = Number.NaN, stable = Number.NaN] = String(stdout).trim().split(' ').map(Number)
      return { canary, stable }
    }
    if (world.address === null) return expect(Object.keys(world.driver)).not.toContain('counts')
    await shift(part(100))
    await expect.poll(() => answers(5), { timeout: 20_000 }).not.toContain('stable')
    const before = await counted()
    await answers(fewestRequests)
    await expect
      .poll(async () => (await counted()).canary - before.canary, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(fewestRequests)
    expect(splitOf(before, await counted(), 100)).toMatchObject({ ok: true })
    expect(splitOf(before, await counted(), 25)).toMatchObject({ ok: false })
  })

  test('a weight that somebody else set is read as it is', async () => {
    await shift(part(25))
    await world.meddle(part(60))
    await reached(part(60))
    expect(await world.driver.verify(part(25), powers())).toMatchObject({ kind: 'pending' })
  })

  test('restore gives everything to stable, from anywhere and twice', async () => {
    for (const percent of [25, 100, 0].map(part)) {
      await shift(percent)
      await world.driver.restore(powers())
      await world.driver.restore(powers())
      await reached(0)
    }
    expect(new Set(await answers(10))).not.toContain('canary')
  })

  test('a weight out of range is refused and nothing changes', async () => {
    await shift(part(25))
    for (const percent of [-1, 100.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(world.driver.set(percent, powers())).rejects.toThrow(/between 0 and 100 %/)
    await reached(part(25))
  })

  test('a cancelled order or reading never counts as reached', async () => {
    const cancelled = powers({ signal: AbortSignal.abort() })
    expect((await world.driver.verify(part(25), cancelled)).kind).toBe('cannot-tell')
  })

  // Last: the balancer does not come back.
  test('a balancer that is gone cannot be told, never reached', async () => {
    await shift(part(25))
    await world.down()
    for (const percent of [25, 0].map(part)) {
      const reached = await world.driver.verify(percent, powers())
      expect(reached).toMatchObject({ kind: 'cannot-tell', percent: null })
      expect(reached.say.length).toBeGreaterThan(10)
    }
    expect((await world.driver.read(powers())).kind).toBe('cannot-tell')
    await expect(world.driver.set(part(50), powers())).rejects.toThrow(/./)
    await expect(world.driver.restore(powers())).rejects.toThrow(/./)
  })
}

export function powers(given: Partial<TrafficPowers> = {}): TrafficPowers {
  const signal = given.signal ?? new AbortController().signal
  return {
    signal,
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    epoch: 1,
    attempt: 'release/rollout/1',
    root: '/',
    command: (request) => runBash(request.script, request.env, signal),
    http: (url, init) => fetch(url, init),
    secret: (name) => `secret-${name}`,
    ...given,
  }
}

function runBash(script: string, env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<CommandResult> {
  return new Promise((resolve) => {
    const startedAt = Date.now()
    const out: Buffer[] = []
    const err: Buffer[] = []
    const result = (given: Partial<CommandResult>): CommandResult => ({
      ended: 'exit',
      exitCode: null,
      signal: null,
      stdout: Buffer.concat(out),
      stderr: Buffer.concat(err),
      truncated: false,
      output: {},
      startedAt,
      endedAt: Date.now(),
      why: null,
      ...given,
    })
    if (signal.aborted) return resolve(result({ ended: 'cancelled' }))
    const child = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (error) => resolve(result({ ended: 'not-started', why: error.message })))
    child.on('close', (exitCode) => resolve(result({ exitCode })))
  })
}

async function version(name: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(name))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
