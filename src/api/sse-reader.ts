/** Reads server-sent events out of a byte stream (the subset that the engine writes, by the rules of the specification). */

export interface SseMessage {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

export async function* readSse(chunks: AsyncIterable<string>): AsyncGenerator<SseMessage> {
  let rest = ''
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const message = messageIn(block)
      if (message !== null) yield message
    }
  }
}

/** null for a comment, such as the heartbeat. */
function messageIn(block: string): SseMessage | null {
  let id: string | null = null
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return data.length === 0 ? null : { id, event, data: data.join('\n') }
}
