/** A child that appends until it is killed: `node append-forever.ts DIRECTORY`. Each acknowledged version is a line. */
import { writeSync } from 'node:fs'
import type { Actor } from '../../core/release/events.ts'
import { openSqliteStore } from '../sqlite.ts'

const by: Actor = { id: 'child', kind: 'engine', assurance: 'engine' }
const store = await openSqliteStore({ directory: process.argv[2]!, now: Date.now() })

async function appendForever(stream: string): Promise<void> {
  let version = (await store.read(stream)).length
  for (;;) {
    const event = { kind: 'NoteAdded', note: 'x'.repeat(version % 500), pid: process.pid }
    const added = await store.append({
      streams: [{ stream, expectedVersion: version, events: [{ at: version, by, event }], due: version }],
    })
    version = added.at(-1)!.version
    // Straight to the pipe: what was acknowledged must be out before a kill can arrive.
    writeSync(1, `${stream} ${version}\n`)
  }
}

try {
  await Promise.all(['release/a', 'release/b', 'release/c'].map(appendForever))
} catch (error) {
  writeSync(2, `${(error as Error).name}: ${(error as Error).message}\n`)
  const again = await store.read('release/a').then(
    () => 'answers',
    (why: Error) => `${why.name} ${String((why as { retryable?: boolean }).retryable)}`,
  )
  writeSync(2, `afterwards: ${again}\n`)
  process.exit(1)
}
