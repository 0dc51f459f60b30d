/** The network between a worker and its server: open, cut (every connection ends), or silent (nothing arrives, nothing is said). */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type LinkState = 'open' | 'cut' | 'silent'

export class Link {
  /** How often it was cut so far. */
  cuts = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #state: LinkState = 'open'

  private constructor(towards: () => number) {
    this.#server = createServer((worker) => this.#join(worker, towards()))
  }

  static async to(towards: () => number): Promise<Link> {
    const link = new Link(towards)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Whatever was silent meanwhile is over when it opens again: both sides find their connections gone. */
  set(state: LinkState): void {
    const before = this.#state
    this.#state = state
    if (state === 'cut') this.cuts += 1
    if (state === 'silent') for (const socket of this.#sockets) socket.pause()
    else if (state === 'cut' || before === 'silent') this.#end()
  }

  close(): Promise<void> {
    this.#end()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #end(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(worker: Socket, port: number): void {
    if (this.#state === 'cut') return void worker.destroy()
    const server = connect(port, '127.0.0.1')
    // A server answers only to its own name.
    const own = new URL(this.url).host
    const named = (piece: Buffer) =>
      Buffer.from(piece.toString('latin1').replace(`ost: ${own}\r\n`, `ost: 127.0.0.1:${port}\r\n`), 'latin1')
    this.#pass(worker, server, named)
    this.#pass(server, worker, (piece) => piece)
  }

  #pass(from: Socket, to: Socket, change: (piece: Buffer) => Buffer): void {
    this.#sockets.add(from)
    from.on('data', (piece: Buffer) => void (to.destroyed || to.write(change(piece))))
    from.on('error', () => {})
    from.on('end', () => to.end())
    from.on('close', () => {
      this.#sockets.delete(from)
      // Who hears nothing does not hear either that the other side is gone.
      if (this.#state !== 'silent') to.destroy()
    })
    if (this.#state === 'silent') from.pause()
  }
}
