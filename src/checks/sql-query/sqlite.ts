/** Asks SQLite one query in a thread of its own: a long query stalls nobody, and is ended with its thread. */
import { Worker } from 'node:worker_threads'
import { rowCap, type Rows } from './rows.ts'
import type { Statement } from './statement.ts'

/** Plain JavaScript in a text, so that the built package and the sources start it alike. */
const reader = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const { file, text, values, cap } = workerData
let database
try {
  database = new DatabaseSync(file, { readOnly: true, allowExtension: false, timeout: 2000 })
  database.exec('PRAGMA query_only = ON')
  const statement = database.prepare(text)
  statement.setReadBigInts(true)
  const columns = statement.columns().map((column) => column.name)
  statement.setReturnArrays(true)
  const rows = []
  let more = false
  for (const row of statement.iterate(...values)) {
    if (rows.length === cap) { more = true; break }
    rows.push(row)
  }
  parentPort.postMessage({ columns, rows, more })
} catch (error) {
  parentPort.postMessage({ fault: String(error && error.message || error) })
} finally {
  try { database && database.close() } catch {}
}
`

export async function askSqlite(
  file: string,
  statement: Statement,
  values: readonly string[],
  signal: AbortSignal,
): Promise<Rows> {
  const worker = new Worker(reader, {
    eval: true,
    workerData: { file, text: statement.text, values: [...values], cap: rowCap },
    execArgv: ['--no-warnings'],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  })
  try {
    return await answerOf(worker, signal)
  } finally {
    await worker.terminate()
  }
}

function answerOf(worker: Worker, signal: AbortSignal): Promise<Rows> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('the database did not answer in time'))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    worker.once('message', (message: Rows | { readonly fault: string }) => {
      signal.removeEventListener('abort', stop)
      if ('fault' in message) reject(new Error(message.fault))
      else resolve(message)
    })
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the reading thread ended without an answer')))
  })
}
