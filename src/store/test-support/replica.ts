/**
 * A replica in a process of its own, for what only processes can do: be stopped, be killed, share a database.
 *   node replica.ts append URL NAME    appends to three streams of that name until it is killed, through every outage
 *   node replica.ts lease URL STREAM   holds a lease and appends with it until it is refused
 * Each line on stdout is one acknowledged thing.
 */
import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../core/ports/store.ts'
import { StaleLease, StoreFault } from '../../core/ports/store.ts'
import type { Actor } from '../../core/release/events.ts'
import { openStore } from '../open.ts'
import { batchTo } from './examples.ts'

const [what, where = '', name = ''] = process.argv.slice(2)
const by: Actor = { id: name, kind: 'engine', assurance: 'engine' }
const say = (line: string) => writeSync(1, `${line}\n`)

const store = await openStore(where, { now: Date.now() })
say('open')
if (what === 'append') await Promise.all([1, 2, 3].map((stream) => appendForever(store, `release/${name}-${stream}`)))
else await appendWhileLeased(store, name)
await store.close()

async function appendForever(to: Store, stream: string): Promise<void> {
  for (;;) {
    try {
      let version = (await to.read(stream)).length
      for (;;) {
        const id = randomUUID()
        const event = { kind: 'NoteAdded', note: id }
        const [added] = await to.append({
          streams: [{ stream, expectedVersion: version, events: [{ at: version, by, event }], due: version }],
        })
        version = added!.version
        say(`${stream} ${version} ${id}`)
      }
    } catch (error) {
      // An outage is a StoreFault that passes; anything else is a fault of the store under test.
      if (!(error instanceof StoreFault && error.retryable)) throw error
      say(`outage ${error.message}`)
      await sleep(50)
    }
  }
}

async function appendWhileLeased(to: Store, stream: string): Promise<void> {
  const owner = `replica-${process.pid}`
  const lease = await to.claimStream(stream, { owner, now: Date.now(), leaseMs: 1_500 })
  if (!lease) throw new Error('somebody else has the stream')
  try {
    for (let version = 0; ; version += 1) {
      const event = { kind: 'NoteAdded', note: `${version}` }
      await to.append({ streams: [{ stream, expectedVersion: version, events: [{ at: version, by, event }] }], lease })
      if (version % 10 === 0) await to.renew([lease], Date.now(), 1_500)
      say(`${stream} ${version + 1}`)
      await sleep(5)
    }
  } catch (error) {
    const batch = await to.putBatch('r1', batchTo(1000), lease).catch((why: Error) => why.name)
    if (!(error instanceof StaleLease)) throw error
    say(`refused ${error.name} ${String(batch)}`)
  }
}
