/** Answers clients over the socket. One client's troubles never reach another, nor the commands. */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { lineSplitter, PROTOCOL, writeTogether } from './protocol.ts'
import type { Hello, Question } from './protocol.ts'
import type { Supervisor } from './supervisor.ts'

export interface LauncherServer {
  readonly server: Server
  readonly connections: () => number
  /** Ends connections after what was written has gone out, and takes no more orders: the next launcher will. */
  readonly hangUp: () => void
}

/** `onHangUp` is called when a connection ended; `onShutdown` when a client wants the launcher to end when idle. */
export function serve(
  supervisor: Supervisor,
  confinement: string,
  onHangUp: () => void,
  onShutdown: () => void,
): LauncherServer {
  const hello: Hello = { protocol: PROTOCOL, pid: process.pid, confinement }
  const sockets = new Set<Socket>()
  let isDeaf = false
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setEncoding('utf8')
    const answer = (text: string) => {
      if (socket.writable) writeTogether(socket, text)
    }
    const onLine = lineSplitter((line) => {
      if (!isDeaf) void answerLine(line, supervisor, hello, onShutdown).then(answer)
    })
    socket.on('data', (text) => onLine(String(text)))
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      onHangUp()
    })
  })
  const hangUp = () => {
    isDeaf = true
    for (const socket of sockets) socket.end()
  }
  return { server, connections: () => sockets.size, hangUp }
}

async function answerLine(line: string, supervisor: Supervisor, hello: Hello, onShutdown: () => void): Promise<string> {
  let id = 0
  try {
    const question = JSON.parse(line) as Question
    id = question.id
    return `{"id":${id},"ok":${await answerOf(question, supervisor, hello, onShutdown)}}\n`
  } catch (cause) {
    return `${JSON.stringify({ id, fault: (cause as Error).message })}\n`
  }
}

/** The answer as JSON: results go out as they lie in the spool. */
async function answerOf(
  question: Question,
  supervisor: Supervisor,
  hello: Hello,
  onShutdown: () => void,
): Promise<string> {
  switch (question.op) {
    case 'hello':
      return JSON.stringify(hello)
    case 'ping':
      return 'null'
    case 'run':
      return supervisor.run(question.request)
    case 'attach':
      return (await supervisor.attach(question.attempt)) ?? 'null'
    case 'cancel':
      await supervisor.cancel(question.attempt)
      return 'null'
    case 'forget':
      supervisor.forget(question.attempt)
      return 'null'
    case 'peek':
      return JSON.stringify(supervisor.peek(question.attempt))
    case 'lend':
      supervisor.lend(question.secrets)
      return 'null'
    case 'shutdown-when-idle':
      onShutdown()
      return 'null'
    default:
      throw new Error(`no operation "${(question satisfies never as Question).op}"`)
  }
}
