/** Serves the API on a socket that only its owner may open. */
import { chmod, mkdir, stat, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import type { Door } from './env.ts'
import { answering, type Fetch } from './outflow.ts'

export interface Listening {
  /** Clients connected now. */
  connections(): number
  /** Clients that ever connected. */
  visits(): number
  /** False when the socket's file is gone or another's: nobody can find this process any more. */
  isFindable(): Promise<boolean>
  /** Accepts nobody new, lets answers under way finish (for a moment), ends. */
  close(): Promise<void>
}

const PATIENCE_MS = 2_000

/** Only for the holder of the store's lock. Throws when another process answers on the socket. */
export async function listenOn(socketPath: string, fetch: Fetch): Promise<Listening> {
  await makePrivateFolder(dirname(socketPath))
  await removeStale(socketPath)
  const door: Door = { kind: 'local', from: 'the local socket' }
  const server = createAdaptorServer({ fetch: answering(fetch, () => door) as never }) as Server
  // A watching client says nothing for hours; that is no reason to hang up.
  server.requestTimeout = 0
  server.timeout = 0
  const sockets = new Set<Socket>()
  let visits = 0
  server.on('connection', (socket: Socket) => {
    visits += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await bindPrivately(server, socketPath)
  const { ino } = await stat(socketPath)
  return {
    connections: () => sockets.size,
    visits: () => visits,
    isFindable: () =>
      stat(socketPath).then(
        (now) => now.ino === ino,
        () => false,
      ),
    close: () => closeServer(server, sockets),
  }
}

async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await stat(folder)
  if (uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user`)
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700)
}

async function removeStale(socketPath: string): Promise<void> {
  if (await answers(socketPath)) throw new Error(`another process answers on ${socketPath}`)
  await unlink(socketPath).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
  })
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The mask makes the socket 0600 from its first moment; a chmod afterwards would leave a gap. */
async function bindPrivately(server: Server, socketPath: string): Promise<void> {
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socketPath, resolve)
    })
  } finally {
    process.umask(before)
  }
}

export async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const impatience = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, PATIENCE_MS)
  await closed
  clearTimeout(impatience)
}
