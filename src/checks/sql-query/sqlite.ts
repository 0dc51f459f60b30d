/** Asks SQLite one query in a process of its own: a long query stalls nobody, and nothing but a kill ends it. */
import { spawn } from 'node:child_process'
import { rowCap, type Rows } from './rows.ts'
import type { Statement } from './statement.ts'

const answerCap = 16 * 1024 * 1024

/**
 * Plain JavaScript in a text, so that the built package and the sources start it alike. A thread would not do:
 * SQLite does not look up from a query to hear that its thread was terminated.
 */
const reader = `
const { readFileSync, writeSync } = require('node:fs')
const { DatabaseSync } = require('node:sqlite')
const { file, text, values, cap } = JSON.parse(readFileSync(0, 'utf8'))
const exact = (value) =>
  typeof value === 'bigint' ? (Number.isSafeInteger(Number(value)) ? Number(value) : String(value))
  : typeof value === 'number' && !Number.isFinite(value) ? null
  : value instanceof Uint8Array ? Buffer.from(value).toString('hex')
  : value
let answer
try {
  const database = new DatabaseSync(file, { readOnly: true, allowExtension: false, timeout: 2000 })
  database.exec('PRAGMA query_only = ON')
  const statement = database.prepare(text)
  statement.setReadBigInts(true)
  const columns = statement.columns().map((column) => column.name)
  statement.setReturnArrays(true)
  const rows = []
  let more = false
  for (const row of statement.iterate(...values)) {
    if (rows.length === cap) { more = true; break }
    rows.push(row.map((value) => exact(value)))
  }
  answer = { columns, rows, more }
} catch (error) {
  answer = { fault: String(error && error.message || error) }
}
const bytes = Buffer.from(JSON.stringify(answer))
for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
`

export function askSqlite(
  file: string,
  statement: Statement,
  values: readonly string[],
  signal: AbortSignal,
): Promise<Rows> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error('the database did not answer in time'))
    const child = spawn(process.execPath, ['--no-warnings', '--max-old-space-size=256', '-e', reader], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
    })
    const chunks: Buffer[] = []
    let size = 0
    const kill = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > answerCap) kill()
      else chunks.push(chunk)
    })
    child.on('error', reject)
    child.on('close', () => {
      signal.removeEventListener('abort', kill)
      if (signal.aborted) return reject(new Error('the database did not answer in time'))
      if (size > answerCap) return reject(new Error(`the answer has more than ${answerCap} bytes`))
      settle(Buffer.concat(chunks).toString('utf8'), resolve, reject)
    })
    // A reader that died before it read its question is heard of through its end.
    child.stdin.on('error', () => {})
    child.stdin.end(JSON.stringify({ file, text: statement.text, values, cap: rowCap }))
  })
}

function settle(text: string, resolve: (rows: Rows) => void, reject: (fault: Error) => void): void {
  if (text === '') return reject(new Error('the reading process ended without an answer'))
  const answer = JSON.parse(text) as Rows | { readonly fault: string }
  if ('fault' in answer) reject(new Error(answer.fault))
  else resolve(answer)
}
