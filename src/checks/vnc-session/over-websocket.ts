/** Bytes over a WebSocket, as a desktop in a browser gets them: where one message ends says nothing. */
import { WireFault } from '../parts/wire.ts'
import type { Connection } from '../websocket-talk/connection.ts'
import { sayClose } from '../websocket-talk/talk.ts'
import type { Bytes } from './handshake.ts'

/** It is looked at again after this long, also when nothing came. */
const lookAgainMs = 60_000

export function bytesOver(connection: Connection, signal: AbortSignal): Bytes {
  let held = Buffer.alloc(0)
  let next = 0
  const gather = (): void => {
    for (const message of connection.messages.slice(next)) {
      if (!message.binary) throw new WireFault('it sends text, expected binary messages', true)
      held = Buffer.concat([held, message.bytes])
      next += 1
    }
  }
  return {
    write: (bytes) => connection.send(typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    read: async (count) => {
      for (;;) {
        gather()
        if (held.length >= count) break
        const closed = connection.closed()
        if (signal.aborted) throw new WireFault('no answer in time', false)
        if (closed !== null) throw new WireFault(`it closed with ${sayClose(closed)}`, true)
        await connection.change(lookAgainMs)
      }
      const taken = held.subarray(0, count)
      held = held.subarray(count)
      return taken
    },
    end: () => void connection.leave(),
  }
}
