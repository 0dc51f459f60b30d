/** A wire to a server that a test cuts at the moment it chooses. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** Where the next piece of traffic that matches ends: it and both ends of its connection are gone. */
interface Cut {
  readonly towards: 'server' | 'client'
  readonly holding: string
  /** What the other side still hears, instead of nothing. */
  readonly lastWords?: Buffer
  readonly done: () => void
}

export interface Wire {
  readonly port: number
  /** Resolves when a piece towards that side that holds the text was swallowed and its connection cut. */
  cut(towards: 'server' | 'client', holding: string): Promise<void>
  /** The next piece towards the client that holds the text ends with these bytes too; then its connection is cut. */
  lastWords(holding: string, bytes: Buffer): Promise<void>
  /** Cuts every connection as the client sees it; what was sent to the server is with the server. */
  cutClients(): void
  dispose(): Promise<void>
}

export async function wireTo(serverPort: number): Promise<Wire> {
  const cuts = new Set<Cut>()
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const cutOf = (towards: Cut['towards'], piece: Buffer): Cut | null => {
    const found = [...cuts].find((cut) => cut.towards === towards && piece.includes(cut.holding))
    if (!found) return null
    cuts.delete(found)
    found.done()
    return found
  }
  const gate = createServer((client) => {
    const server = keep(connect(serverPort, '127.0.0.1'))
    clients.add(keep(client))
    client.on('data', (piece: Buffer) => {
      if (cutOf('server', piece) === null) return void server.write(piece)
      server.destroy()
      client.destroy()
    })
    server.on('data', (piece: Buffer) => {
      const cut = cutOf('client', piece)
      if (cut === null) return void (client.destroyed || client.write(piece))
      server.destroy()
      if (cut.lastWords === undefined) client.destroy()
      else client.end(Buffer.concat([piece, cut.lastWords]))
    })
    server.on('close', () => client.writableEnded || client.destroy())
    // The server may still be busy with what it was sent: it is not told.
    client.on('close', () => clients.delete(client))
  })
  gate.listen(0, '127.0.0.1')
  await once(gate, 'listening')
  return {
    port: (gate.address() as AddressInfo).port,
    cut: (towards, holding) => new Promise((done) => cuts.add({ towards, holding, done })),
    lastWords: (holding, bytes) =>
      new Promise((done) => cuts.add({ towards: 'client', holding, lastWords: bytes, done })),
    cutClients: () => clients.forEach((client) => client.destroy()),
    async dispose() {
      for (const socket of sockets) socket.destroy()
      gate.close()
      await once(gate, 'close')
    },
  }
}
