/** Readers of a stream that are cut off, sleep, or do not read: nobody misses an event, nobody sees one twice, nobody is held up. */
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createClient } from '../../src/api/client.ts'
import { evidenceOf } from './evidence.ts'
import { releaseOf } from './checklists.ts'
import { broken, type Log } from './history.ts'
import { Link } from './link.ts'
import { decide, playOn, startRelease } from './play.ts'
import { persist, Site } from './site.ts'
import { until } from './until.ts'

const isLong = process.env['HOLDPOINT_CHAOS'] === 'full'
/** How long a reader sleeps, and how often whatever lies between cuts the others off. */
const [asleepMs, cutEveryMs] = isLong ? [600_000, 60_000] : [3_000, 700]
const noteEveryMs = isLong ? 250 : 20

let site: Site
let link: Link
afterEach(async () => {
  await link?.close()
  await site?.close()
})

test('a reader that sleeps, one that is cut off again and again, and one that reads nothing each have every event once', async () => {
  site = await Site.open({ postgres: null, replicas: 1 })
  const server = site.replicas[0]!
  link = await Link.to(() => server.port)
  const release = await startRelease(site, releaseOf({ service: 'shop', port: site.target.port }, ['answer']), 'told')
  const over = new AbortController()
  const seen = { cut: [] as number[], asleep: [] as number[] }
  const cut = follow(link.url, release, seen.cut, over.signal)
  const early = new AbortController()
  const asleep = follow(server.url, release, seen.asleep, early.signal)
  const idle = await deaf(server.url, release)
  await until('both have begun', () => seen.cut.length > 0 && seen.asleep.length > 0)
  early.abort()
  await asleep
  const cutting = cutAgainAndAgain(over.signal)
  const wakesAt = performance.now() + asleepMs
  const note = { kind: 'Note', step: null, note: 'x'.repeat(isLong ? 2_000 : 14_000) }
  while (performance.now() < wakesAt || link.cuts < 3) {
    expect((await decide(site, release, { by: 'ana', command: note })).status).toBe(200)
    await sleep(noteEveryMs)
  }
  const awake = follow(server.url, release, seen.asleep, over.signal)
  await playOn(site, release)
  const log = (await persist(() => site.caller('ana').get(`/v1/releases/${release}/events`))).body as unknown as Log
  const all = log.map(({ version }) => version)
  for (const [who, versions] of Object.entries(seen))
    await until(`the last event has come to the one that was ${who}`, () => versions.at(-1) === all.at(-1))
  const heard = await idle.read(all.at(-1)!)
  over.abort()
  await Promise.all([cut, awake, cutting])
  expect(seen).toEqual({ cut: all, asleep: all })
  expect(heard).toEqual(all)
  await server.end('SIGTERM')
  expect(broken(await evidenceOf(site))).toEqual([])
  expect(site.seen.wrong).toEqual([])
}, 900_000)

async function cutAgainAndAgain(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(cutEveryMs)
    link.set('cut')
    link.set('open')
  }
}

/** As every client of the product: it comes back by itself, with the last that it has seen. */
async function follow(url: string, release: string, seen: number[], signal: AbortSignal): Promise<void> {
  const client = createClient({ server: { url, secret: site.caller('ana').secret } })
  try {
    for await (const item of client.watch(release, { after: seen.at(-1) ?? 0, signal }))
      if (item.kind === 'event') seen.push(item.event.version)
  } finally {
    client.close()
  }
}

/** Asks for the stream and leaves everything in the wire until it is told to read. */
async function deaf(url: string, release: string): Promise<{ read(last: number): Promise<number[]> }> {
  const headers = { authorization: `Bearer ${site.caller('ana').secret}` }
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  http.get(`${url}/v1/releases/${release}/stream`, { headers, agent: false }, resolve).on('error', reject)
  const answer = await promise
  answer.pause()
  return {
    read: async (last) => {
      let text = ''
      answer
        .setEncoding('utf8')
        .on('data', (piece: string) => (text += piece))
        .resume()
      const versions = () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
      await until('the one that did not read has read', () => versions().at(-1) === last, { everyMs: 300 })
      answer.destroy()
      return versions()
    },
  }
}
