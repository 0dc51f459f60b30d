import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from './client.ts'
import type { Client, StreamItem } from './client-types.ts'
import { createApi } from './api.ts'
import { listenOn, type Listening } from './listen.ts'
import { examplePlan, startBody, type World, world } from './test-support/world.ts'

let folder: string
let socket: string
let at: World
let listening: Listening
let client: Client

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-api-'))
  socket = join(folder, 'private', 'engine.sock')
  at = world()
  listening = await listenOn(socket, createApi(at.deps).fetch)
  client = createClient({ socketPath: socket, actor: { id: 'ben', isScripted: false } })
})
afterEach(async () => {
  client.close()
  await at.end()
  await listening.close()
  rmSync(folder, { recursive: true, force: true })
})

async function started(): Promise<string> {
  const answer = await client.start(startBody(examplePlan()))
  if (answer.kind === 'refused') throw new Error(answer.reason)
  return answer.release
}

const note = (text: string) => ({ kind: 'Note', step: null, note: text }) as const

async function versionsUntil(items: AsyncIterable<StreamItem>, last: () => number): Promise<number[]> {
  const versions: number[] = []
  for await (const item of items) {
    if (item.kind === 'event') versions.push(item.event.version)
    if (versions.at(-1) === last()) break
  }
  return versions
}

test('the socket and its folder are open to their owner only', () => {
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'private')).mode & 0o777).toBe(0o700)
})

test('a file left by a dead engine is replaced, a socket on which someone answers is not', async () => {
  await expect(listenOn(socket, () => new Response())).rejects.toThrow('another process answers')
  const stale = join(folder, 'private', 'stale.sock')
  const dead = createServer().listen(stale)
  await new Promise((resolve) => dead.once('listening', resolve))
  renameSync(stale, `${stale}.kept`)
  dead.close()
  renameSync(`${stale}.kept`, stale)
  const second = await listenOn(stale, () => Response.json({ version: 'new' }))
  const found = createClient({ socketPath: stale })
  expect(await found.health()).toEqual({ version: 'new' })
  found.close()
  await second.close()
})

test('the client carries who asks, gives refusals as values and absent things as null', async () => {
  const release = await started()
  expect(await client.show(release)).toMatchObject({ facts: { startedBy: { id: 'ben', kind: 'person' } } })
  expect(await client.show('nowhere')).toBeNull()
  expect(await client.getEvidence('0'.repeat(64))).toBeNull()
  expect(
    await client.command(release, {
      kind: 'Answer',
      step: 'nowhere',
      answer: 'x',
      note: null,
      fields: {},
      evidence: [],
    }),
  ).toMatchObject({ kind: 'refused', code: 'unknown-step' })
  expect(await client.command(release, note('one'), { seen: null })).toMatchObject({
    kind: 'accepted',
    events: [{ kind: 'NoteAdded', by: 'ben' }],
  })
  await expect(client.command('nowhere', note('one'))).rejects.toMatchObject({ code: 'unknown-release' })
  const { sha256 } = await client.putEvidence(new Uint8Array([0, 255, 10]))
  expect([...((await client.getEvidence(sha256)) ?? [])]).toEqual([0, 255, 10])
  expect(await client.list({ open: true })).toMatchObject([{ id: release }])
  expect((await client.plan(release))?.digest).toBe(examplePlan().digest)
})

test('scripted people are told apart from people', async () => {
  const release = await started()
  const scripted = createClient({ socketPath: socket, actor: { id: 'demo-ana', isScripted: true } })
  await scripted.command(release, note('by script'))
  scripted.close()
  expect((await client.events(release)).at(-1)).toMatchObject({
    by: { id: 'demo-ana', kind: 'scripted', assurance: 'claimed' },
  })
})

test('a watcher sees every event once and in order, from the first, and a live view', async () => {
  const release = await started()
  const stop = new AbortController()
  const items: StreamItem[] = []
  const watching = (async () => {
    for await (const item of client.watch(release, { signal: stop.signal })) {
      items.push(item)
      if (item.kind === 'event' && item.event.event.kind === 'NoteAdded' && item.event.event.note === 'last') break
    }
  })()
  for (let count = 0; count < 50; count += 1) await client.command(release, note(`note ${count}`))
  await client.command(release, note('last'))
  await watching
  stop.abort()
  const versions = items.flatMap((item) => (item.kind === 'event' ? [item.event.version] : []))
  expect(versions).toEqual(versions.map((_, index) => index + 1))
  expect(items.some((item) => item.kind === 'live' && item.view.release === release)).toBe(true)
})

test('a watcher whose connection is cut again and again misses nothing and sees nothing twice', async () => {
  const release = await started()
  const cutter = await cuttingProxy(join(folder, 'cut.sock'), socket)
  const shaky = createClient({ socketPath: join(folder, 'cut.sock') })
  const stop = new AbortController()
  let last = Number.POSITIVE_INFINITY
  const watching = versionsUntil(shaky.watch(release, { signal: stop.signal }), () => last)
  for (let count = 0; count < 40; count += 1) {
    await client.command(release, note(`note ${count}`))
    if (count % 8 === 3) cutter.cut()
  }
  last = (await client.events(release)).length
  await client.command(release, note('one more'))
  last += 1
  const versions = await watching
  stop.abort()
  shaky.close()
  await cutter.close()
  expect(versions).toEqual(Array.from({ length: last }, (_, index) => index + 1))
})

test('resuming after an event gives the next one first', async () => {
  const release = await started()
  for (const text of ['a', 'b', 'c']) await client.command(release, note(text))
  const all = await client.events(release)
  const stop = new AbortController()
  const versions = await versionsUntil(
    client.watch(release, { after: all.length - 2, signal: stop.signal }),
    () => all.length,
  )
  stop.abort()
  expect(versions).toEqual([all.length - 1, all.length])
  expect((await client.events(release, all.length - 2)).map(({ version }) => version)).toEqual(versions)
})

test('watching a release that is not there is an error, not an endless try', async () => {
  const watching = async (): Promise<void> => {
    for await (const _ of client.watch('nowhere', { signal: AbortSignal.timeout(20_000) }))
      throw new Error('nothing should come')
  }
  await expect(watching()).rejects.toThrow('No release "nowhere"')
})

test('without an engine a call says so, and does not hang', async () => {
  await expect(createClient({ socketPath: join(folder, 'nobody.sock') }).list()).rejects.toMatchObject({
    name: 'ApiFault',
    code: 'unreachable',
  })
})

/** Passes bytes both ways until told to cut every connection. */
async function cuttingProxy(from: string, to: string): Promise<{ cut(): void; close(): Promise<void> }> {
  const open = new Set<() => void>()
  const server = createServer((incoming) => {
    const outgoing = connect(to)
    const cut = (): void => {
      incoming.destroy()
      outgoing.destroy()
    }
    open.add(cut)
    for (const side of [incoming, outgoing]) side.on('error', cut).on('close', cut)
    incoming.pipe(outgoing).pipe(incoming)
  }).listen(from)
  await new Promise((resolve) => server.once('listening', resolve))
  const cut = (): void => open.forEach((end) => end())
  return {
    cut,
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
