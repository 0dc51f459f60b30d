/** One question to HAProxy's runtime API, over its Unix socket or TCP address. */
import { connect } from 'node:net'
import type { Millis } from '../core/units.ts'

const mostBytes = 8_000_000

const ADDRESS = /^(?:tcp:\/\/)?(\[[^\]]+\]|[^/:]+):(\d+)$/

/** Of a machine; anything else is the path of a socket. */
export function isAddress(socket: string): boolean {
  return ADDRESS.test(socket)
}

/** The whole answer. Throws with a sentence: HAProxy closes the connection when it has said everything. */
export async function askHaproxy(
  socket: string,
  line: string,
  timeoutMs: Millis,
  signal: AbortSignal,
): Promise<string> {
  if (signal.aborted) throw new Error('cancelled')
  const address = ADDRESS.exec(socket)
  const connection = address
    ? connect({ host: (address[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(address[2]) })
    : connect({ path: socket.replace(/^unix:\/\//, '') })
  const limit = setTimeout(() => connection.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
  const cancel = (): void => void connection.destroy(new Error('cancelled'))
  signal.addEventListener('abort', cancel, { once: true })
  try {
    connection.end(`${line}\n`)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > mostBytes) throw new Error('the answer is larger than 8 MB')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    throw new Error(`HAProxy at ${socket}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  } finally {
    clearTimeout(limit)
    signal.removeEventListener('abort', cancel)
    connection.destroy()
  }
}

export interface ServerRow {
  readonly server: string
  readonly status: string
  readonly weight: number
  readonly isBackup: boolean
  /** Sessions so far: of HTTP, requests. NaN where it does not say. */
  readonly served: number
}

/** The servers of a backend out of `show stat`; null = there is no such backend, or this is no such table. */
export function readServers(csv: string, backend: string): readonly ServerRow[] | null {
  const [head = '', ...lines] = csv.trim().split('\n')
  if (!head.startsWith('# ')) return null
  const columns = head.slice(2).split(',')
  const at = (name: string): number => columns.indexOf(name)
  const [proxy, server, status, weight, backup] = ['pxname', 'svname', 'status', 'weight', 'bck'].map(at) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const total = at('stot')
  if ([proxy, server, status, weight, backup].some((column) => column < 0)) return null
  const rows = lines.map((line) => line.split(',')).filter((cells) => cells[proxy] === backend)
  if (rows.length === 0) return null
  return rows
    .filter((cells) => cells[server] !== 'BACKEND' && cells[server] !== 'FRONTEND')
    .map((cells) => ({
      server: cells[server] ?? '',
      status: cells[status] ?? '',
      weight: Number(cells[weight]),
      isBackup: cells[backup] === '1',
      served: Number(cells[total] || Number.NaN),
    }))
}
