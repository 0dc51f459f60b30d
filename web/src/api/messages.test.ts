/** Messages of a stream that comes in pieces. */
import { expect, test } from 'vitest'
import { MessageReader } from './messages.ts'

const stream =
  'event: event\ndata: {"a":1}\nid: 17\n\n: still here\n\nretry: 1200\n\nevent: live\ndata: one\ndata: two\n\n'
const messages = [
  { event: 'event', data: '{"a":1}', id: '17' },
  { event: 'live', data: 'one\ntwo', id: null },
]

test('wherever the pieces are cut, the messages are the same', () => {
  for (let at = 0; at <= stream.length; at += 1) {
    const reader = new MessageReader()
    expect([...reader.read(stream.slice(0, at)), ...reader.read(stream.slice(at))]).toEqual(messages)
  }
})
