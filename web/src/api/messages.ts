/** Server-sent events out of a stream of text, as they come in pieces. */

export interface Message {
  readonly event: string
  readonly data: string
  readonly id: string | null
}

/** Gives the messages that each piece completes; a comment completes none. */
export class MessageReader {
  #rest = ''

  read(piece: string): readonly Message[] {
    const blocks = (this.#rest + piece).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return blocks.map(messageOf).filter((message): message is Message => message !== null)
  }
}

function messageOf(block: string): Message | null {
  let event = 'message'
  let id: string | null = null
  const data: string[] = []
  for (const line of block.split('\n')) {
    const at = line.indexOf(':')
    if (at <= 0) continue
    const name = line.slice(0, at)
    const value = line.slice(at + 1).replace(/^ /, '')
    if (name === 'event') event = value
    else if (name === 'id') id = value
    else if (name === 'data') data.push(value)
  }
  return data.length === 0 ? null : { event, id, data: data.join('\n') }
}
