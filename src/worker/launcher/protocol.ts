/** What travels between the launcher and its clients: one JSON object a line, both ways, over a Unix socket. */
import type { Socket } from 'node:net'
import type { CommandRequest, CommandResult } from '../../core/ports/launcher.ts'

/** Grows when an old client could misunderstand a new launcher. `hello` and `shutdown-when-idle` never change. */
export const PROTOCOL = 1

export const SOCKET_NAME = 'launcher.sock'

export type Call =
  | { readonly op: 'hello' }
  | { readonly op: 'ping' }
  | { readonly op: 'shutdown-when-idle' }
  | { readonly op: 'run'; readonly request: CommandRequest }
  | { readonly op: 'attach'; readonly attempt: string }
  | { readonly op: 'cancel'; readonly attempt: string }
  | { readonly op: 'forget'; readonly attempt: string }
  | { readonly op: 'peek'; readonly attempt: string }
  | { readonly op: 'lend'; readonly secrets: Readonly<Record<string, string>> }

export type Question = Call & { readonly id: number }

/** `fault` = the launcher could not even try (a bug, a broken line); everything that happens to a command is a result. */
export type Answer = { readonly id: number; readonly ok: unknown } | { readonly id: number; readonly fault: string }

export interface Hello {
  readonly protocol: number
  readonly pid: number
  /** What it and its commands are confined to, as text; absent = it was started before there were limits. */
  readonly confinement?: string
}

/** A result as it lies in the spool and travels: bytes as base64. */
export type WireResult = Omit<CommandResult, 'stdout' | 'stderr'> & { readonly stdout: string; readonly stderr: string }

export function toWire(result: CommandResult): WireResult {
  return { ...result, stdout: base64(result.stdout), stderr: base64(result.stderr) }
}

export function fromWire(wire: WireResult): CommandResult {
  return { ...wire, stdout: Buffer.from(wire.stdout, 'base64'), stderr: Buffer.from(wire.stderr, 'base64') }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** What is said in one turn goes out together: a write costs more than most of what is said. */
export function writeTogether(socket: Socket, line: string): void {
  if (socket.writableCorked === 0) {
    socket.cork()
    process.nextTick(() => socket.uncork())
  }
  socket.write(line)
}

/** Cuts a stream of text into lines, whatever the chunks are. */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let pieces: string[] = []
  return (text) => {
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = pieces.length === 0 ? text.slice(from, end) : `${pieces.join('')}${text.slice(from, end)}`
      pieces = []
      from = end + 1
      onLine(line)
    }
    if (from < text.length) pieces.push(text.slice(from))
  }
}
