/**
 * P09: the state of 10,000 stored releases from their events, beside a raw read of the same rows. Both read stream by
 * stream; the raw read parses each row's JSON and does nothing with it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Recorded } from '../src/core/release/events.ts'
import { fold } from '../src/core/release/evolve.ts'
import { toldRelease } from '../src/report/test-support/told-release.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import { median, report, steadyMedian } from './measure.ts'

const releases = Number(process.argv[2] ?? 10_000)
const rounds = Number(process.argv[3] ?? 5)
const { events } = toldRelease('')
const streams = Array.from({ length: releases }, (_, index) => `release/r${index}`)

const directory = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'))
const store = await openSqliteStore({ directory, now: Date.now() })
await fill()
const raw = new DatabaseSync(join(directory, 'holdpoint.sqlite'), { readOnly: true })
const rows = raw.prepare('SELECT position, previous_hash, hash, body FROM events WHERE stream = ? ORDER BY version')

try {
  const times = { raw: [] as number[], replay: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    times.raw.push(rawRead())
    times.replay.push(await replay())
  }
  const baseline = steadyMedian('the raw read', times.raw)
  report(`P09 replay of ${releases} releases of ${events.length} events`, {
    value: median(times.replay),
    baseline,
    unit: 'ms',
    goal: 3,
  })
} finally {
  raw.close()
  await store.close()
  rmSync(directory, { recursive: true, force: true })
}

async function fill(): Promise<void> {
  const news = events.map(({ at, by, event }) => ({ at, by, event }))
  for (let at = 0; at < releases; at += 200)
    await Promise.all(
      streams
        .slice(at, at + 200)
        .map((stream) => store.append({ streams: [{ stream, expectedVersion: 0, events: news }] })),
    )
}

function rawRead(): number {
  const start = performance.now()
  let seen = 0
  for (const stream of streams)
    for (const row of rows.all(stream)) if (JSON.parse(row['body'] as string) !== null) seen += 1
  if (seen !== releases * events.length) throw new Error(`bug: the raw read saw ${seen} events`)
  return performance.now() - start
}

async function replay(): Promise<number> {
  const start = performance.now()
  for (const stream of streams) {
    const state = fold((await store.read(stream)) as readonly Recorded[])
    if (state?.phase !== 'rolled-back') throw new Error(`bug: ${stream} was not replayed`)
  }
  return performance.now() - start
}
