/** A way to a server that can be cut and led elsewhere: what a browser sees of a server that goes and comes back. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttableProxy {
  /** `http://127.0.0.1:<port>`, the same as long as it lives. */
  readonly address: string
  /** Leads to this server from now on. */
  to(address: string): void
  /** Hangs up on everybody, and on whoever comes, until `to`. */
  cut(): void
  end(): Promise<void>
}

export async function startCuttableProxy(): Promise<CuttableProxy> {
  let port: number | null = null
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    if (port === null) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const hangUp = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    to: (address) => (port = Number(new URL(address).port)),
    cut() {
      port = null
      hangUp()
    },
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        hangUp()
      }),
  }
}
