/** A whole log is checked as it is read. */
import { expect, test } from 'vitest'
import type { StoredEvent } from '../ports/store.ts'
import type { Actor } from '../release/events.ts'
import { sealEvents } from './chain.ts'
import { LogCheck } from './check-log.ts'

const by: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }

/** Two streams, one event of each in turn. */
function log(): StoredEvent[] {
  const events = (stream: string) =>
    sealEvents(
      stream,
      '0'.repeat(64),
      0,
      [1, 2, 3].map((at) => ({ at, by, event: { kind: 'X', at } })),
    )
  const [one, two] = [events('one'), events('two')]
  return one
    .flatMap(({ stored }, index) => [stored, two[index]!.stored])
    .map((stored, index) => ({ ...stored, position: index + 1 }))
}

function faultsIn(events: readonly StoredEvent[]): readonly string[] {
  const check = new LogCheck()
  return events.flatMap((event) => check.take(event)).map(({ stream, say }) => `${stream ?? 'log'}: ${say}`)
}

test('a log that is what was written has no fault', () => {
  expect(faultsIn(log())).toEqual([])
})

test('a changed event is named, and so is the one that follows it only if it does not fit what is there', () => {
  const events = log()
  events[2] = { ...events[2]!, event: { kind: 'X', at: 99 } }
  expect(faultsIn(events)).toEqual(['one: version 2 is not what was written'])
})

test('an event that was taken out is missed in the log and in its stream', () => {
  const events = log().filter(({ position }) => position !== 3)
  expect(faultsIn(events)).toEqual(['log: event 3 is missing: the next one is 4', 'one: version 3 comes after 1'])
})
