/** Streams that tell what changed: the whole view first, and the same as everybody else has from then on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ReleaseView } from '../report/view.ts'
import { createApi } from './api.ts'
import { createClient } from './client.ts'
import type { Client } from './client-types.ts'
import { FollowedView } from './followed-view.ts'
import { listenOn, type Listening } from './listen.ts'
import { LiveViews } from './live-views.ts'
import { readSse, type SseMessage } from './sse-reader.ts'
import { startExample, type World, world } from './test-support/world.ts'
import { ViewPieces } from './view-pieces.ts'

let folder: string
let at: World
let release: string
let stop: AbortController
let listening: Listening | null = null

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-changes-'))
  at = world()
  release = await startExample(at)
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await at.end()
  await listening?.close()
  listening = null
  rmSync(folder, { recursive: true, force: true })
})

async function* stream(query: string, headers: Readonly<Record<string, string>> = {}): AsyncGenerator<SseMessage> {
  const answer = await at.request('GET', `/v1/releases/${release}/stream${query}`, undefined, headers)
  expect(answer.status).toBe(200)
  yield* readSse((answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()) as never)
}

async function note(text: string): Promise<number> {
  const body = { command: { kind: 'Note', step: null, note: text }, seen: null }
  const answer = await at.request('POST', `/v1/releases/${release}/commands`, body)
  expect(answer.status).toBe(200)
  return ((await shown()) as ReleaseView).version
}

async function shown(): Promise<unknown> {
  return (await at.request('GET', `/v1/releases/${release}`)).json()
}

/** Live messages until one shows this version, and the view that they make. */
async function until(
  messages: AsyncGenerator<SseMessage>,
  version: () => number,
  followed: FollowedView,
  onView: (view: ReleaseView) => Promise<void> = () => Promise.resolve(),
): Promise<{ kinds: string[]; view: ReleaseView }> {
  const kinds: string[] = []
  for (;;) {
    const { value, done } = await messages.next()
    if (done === true) throw new Error('the stream ended')
    const view = followed.read(value.event, value.data)
    if (view === null) continue
    kinds.push(value.event)
    await onView(view)
    if (view.version >= version()) return { kinds, view }
  }
}

test('the first view comes whole, then only what changed, and it makes the view that everybody is shown', async () => {
  const messages = stream('?live=changes')
  const followed = new FollowedView()
  let last = Infinity
  let count = 0
  const { kinds, view } = await until(
    messages,
    () => last,
    followed,
    async () => {
      count += 1
      if (count <= 3) last = await note(`note ${count}`)
    },
  )
  expect(kinds[0]).toBe('view')
  expect(kinds.length).toBeGreaterThan(1)
  expect(new Set(kinds.slice(1))).toEqual(new Set(['change']))
  expect(view.notes.map((each) => each.note)).toEqual(['note 1', 'note 2', 'note 3'])
  expect({ ...view, at: 0 }).toEqual({ ...((await shown()) as ReleaseView), at: 0 })
  await messages.return(undefined)
})

test('who comes back, or comes later, begins with the whole view again', async () => {
  const first = stream('?live=changes')
  await until(first, () => 1, new FollowedView())
  const version = await note('while both are there')
  const second = stream('?live=changes', { 'last-event-id': '1' })
  const { kinds, view } = await until(second, () => version, new FollowedView())
  expect(kinds[0]).toBe('view')
  expect(view.notes).toHaveLength(1)
  await Promise.all([first.return(undefined), second.return(undefined)])
})

test('with versions alone every event comes once, says its version and nothing more, and can be resumed after', async () => {
  const version = await note('the last')
  for (const after of [0, 1]) {
    const messages = stream('?live=changes&events=versions', { 'last-event-id': String(after) })
    const told: SseMessage[] = []
    for await (const message of messages) {
      if (message.event === 'event') told.push(message)
      if (message.id === String(version)) break
    }
    const versions = Array.from({ length: version - after }, (_, at) => after + 1 + at)
    expect(told.map(({ id, data }) => [id, data])).toEqual(versions.map((each) => [`${each}`, `{"version":${each}}`]))
  }
})

test('who did not ask gets whole views, as ever', async () => {
  for (const query of ['', '?live=whole']) {
    const messages = stream(query)
    let version = Infinity
    const { kinds } = await until(
      messages,
      () => version,
      new FollowedView(),
      async () => {
        if (version === Infinity) version = await note('news')
      },
    )
    expect(new Set(kinds)).toEqual(new Set(['live']))
    await messages.return(undefined)
  }
  const refused = await at.request('GET', `/v1/releases/${release}/stream?live=some`)
  expect(await refused.json()).toMatchObject({ code: 'bad-query', status: 400 })
})

test('a change is made once for all who had the view before it', async () => {
  const made = vi.spyOn(ViewPieces.prototype, 'changeSince')
  const views = new LiveViews(at.deps)
  const readings = Array.from({ length: 100 }, () => views.open(release, 'changes'))
  const next = () => Promise.all(readings.map((reading) => reading.next(20_000, stop.signal)))
  try {
    const first = await next()
    expect(new Set(first).size).toBe(1)
    expect(String(first[0])).toMatch(/^event: view\n/)
    const later = next()
    await note('for all')
    expect(new Set(await later).size).toBe(1)
    expect(String((await later)[0])).toMatch(/^event: change\n/)
    expect(made).toHaveBeenCalledTimes(1)
  } finally {
    for (const reading of readings) reading.close()
    made.mockRestore()
  }
})

/** A client of an engine whose answers to `live=changes` are these. */
async function clientOf(answer: () => Response): Promise<Client> {
  const app = createApi(at.deps)
  listening = await listenOn(join(folder, 'private', 'engine.sock'), (request, env) =>
    new URL(request.url).searchParams.has('live') ? answer() : app.fetch(request, env),
  )
  return createClient({ socketPath: join(folder, 'private', 'engine.sock') })
}

async function firstView(client: Client): Promise<{ view: ReleaseView; lost: number }> {
  let lost = 0
  try {
    for await (const item of client.watch(release, { signal: stop.signal })) {
      if (item.kind === 'disconnected') lost += 1
      if (item.kind === 'live') return { view: item.view, lost }
    }
  } finally {
    client.close()
  }
  throw new Error('no view came')
}

test('an engine that knows of no changes is asked without', async () => {
  const client = await clientOf(() => Response.json({ code: 'bad-query', detail: 'live is unknown' }, { status: 400 }))
  expect(await firstView(client)).toMatchObject({ lost: 0, view: { release } })
})

test('a change that does not fit shows nothing: the whole view is asked for', async () => {
  const change = { from: 7, to: 8, parts: { release: 'wrong' } }
  const client = await clientOf(
    () =>
      new Response(`event: change\ndata: ${JSON.stringify(change)}\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      }),
  )
  expect(await firstView(client)).toMatchObject({ lost: 1, view: { release } })
})
