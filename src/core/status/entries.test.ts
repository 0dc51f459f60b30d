/** The lifecycle of entries on a public status page. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { person } from '../../../test/support/release-spec.ts'
import { incidentWords, isLastStatus, kindOfStatus, maintenanceWords, statusWords } from '../plan/status-words.ts'
import {
  decideStatus,
  entryAt,
  evolveStatus,
  isOver,
  isPublic,
  type StatusCommand,
  type StatusEntry,
  standingOf,
} from './entries.ts'

const hour = 3_600_000
type Opening = StatusCommand & { readonly kind: 'OpenEntry' }

const opening = (more: Partial<Opening> = {}): Opening => ({
  kind: 'OpenEntry',
  title: 'Slow payments',
  services: ['checkout'],
  status: 'investigating',
  text: null,
  from: null,
  until: null,
  publishAt: null,
  endsItself: false,
  ...more,
})
const planned = (more: Partial<Opening> = {}): Opening =>
  opening({ title: 'Database upgrade', status: 'scheduled', from: 10 * hour, until: 12 * hour, ...more })

class Book {
  entries: ReadonlyMap<string, StatusEntry> = new Map()
  #version = 0

  tell(command: StatusCommand, now: number): string {
    const decision = decideStatus(this.entries, command, now)
    if (decision.kind === 'refused') return `${decision.code}: ${decision.reason}`
    this.#version += 1
    this.entries = evolveStatus(this.entries, {
      version: this.#version,
      at: now,
      by: person('ana'),
      event: decision.event,
    })
    return 'accepted'
  }

  at(now: number, id = '1'): StatusEntry {
    const entry = this.entries.get(id)
    if (entry === undefined) throw new Error('no entry')
    return entryAt(entry, now)
  }
}

describe('an announced maintenance', () => {
  test('begins by itself at its time, and is over only when somebody says so', () => {
    const book = new Book()
    expect(book.tell(planned(), 0)).toBe('accepted')
    const seen = [0, 10 * hour - 1, 10 * hour, 30 * hour].map((now) => standingOf(book.at(now)))
    expect(seen).toEqual(['scheduled', 'scheduled', 'in_progress', 'in_progress'])
    expect(book.tell({ kind: 'UpdateEntry', entry: '1', status: 'completed', text: null }, 30 * hour)).toBe('accepted')
    expect(standingOf(book.at(31 * hour))).toBe('completed')
  })

  test('ends by itself where that was said, and says each turn in a plain sentence', () => {
    const book = new Book()
    book.tell(planned({ endsItself: true, text: 'We move the database.' }), 0)
    expect(book.at(13 * hour).updates.map(({ at, by, text }) => [at / hour, by, text])).toEqual([
      [0, 'ana', 'We move the database.'],
      [10, null, 'The maintenance is under way.'],
      [12, null, 'The maintenance is completed.'],
    ])
  })

  test('is public from the time that was said', () => {
    const book = new Book()
    book.tell(planned({ publishAt: 5 * hour }), 0)
    expect([4, 5].map((now) => isPublic(book.at(now * hour), now * hour))).toEqual([false, true])
  })

  test('whose text is changed before it begins still begins by itself', () => {
    const book = new Book()
    book.tell(planned(), 0)
    book.tell({ kind: 'UpdateEntry', entry: '1', status: null, text: 'It takes longer.' }, hour)
    expect([1, 10].map((now) => standingOf(book.at(now * hour)))).toEqual(['scheduled', 'in_progress'])
  })
})

test('an entry that was withdrawn is seen by no stranger, and cannot be changed', () => {
  const book = new Book()
  book.tell(opening(), 0)
  book.tell({ kind: 'WithdrawEntry', entry: '1', reason: 'wrong page' }, 1)
  expect(isPublic(book.at(2), 2)).toBe(false)
  expect(book.tell({ kind: 'UpdateEntry', entry: '1', status: null, text: 'x' }, 3)).toMatch(/^unknown-entry/)
})

test.each([
  [opening({ status: 'resolved' }), /does not begin as resolved/],
  [opening({ from: hour }), /An incident has no times/],
  [planned({ from: null, until: null }), /with a time ahead/],
  [planned({ from: 0 }), /with a time ahead/],
  [planned({ until: 9 * hour }), /"until" has to come after "from"/],
  [planned({ until: null, endsItself: true }), /say until when/],
  [planned({ publishAt: 11 * hour }), /public when it begins at the latest/],
])('what makes no sense is refused in words (%#)', (command, words) => {
  expect(new Book().tell(command, 1)).toMatch(words)
})

test('an entry goes on only in its own words, never after its end, and a maintenance never back', () => {
  const word = fc.constantFrom(...statusWords)
  fc.assert(
    fc.property(fc.boolean(), fc.array(word, { maxLength: 12 }), (isIncident, words) => {
      const book = new Book()
      book.tell(isIncident ? opening() : planned(), 0)
      for (const [index, status] of words.entries()) {
        const before = book.at(index + 1)
        const answer = book.tell({ kind: 'UpdateEntry', entry: '1', status, text: null }, index + 1)
        const order: readonly string[] = maintenanceWords
        const fits =
          !isOver(before) &&
          kindOfStatus(status) === before.about &&
          (isIncident || order.indexOf(status) >= order.indexOf(standingOf(before)))
        expect(answer === 'accepted').toBe(fits)
      }
      const own: readonly string[] = isIncident ? incidentWords : maintenanceWords
      const all = book.at(100).updates.map(({ status }) => status)
      expect(all.every((status) => own.includes(status))).toBe(true)
      expect(all.slice(0, -1).some(isLastStatus)).toBe(false)
    }),
    { numRuns: 60, seed: 3 },
  )
})
