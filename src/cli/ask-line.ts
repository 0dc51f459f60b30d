/** One question on the terminal, one line as answer. */
import { createInterface } from 'node:readline/promises'
import { Refused } from './faults.ts'

export interface Streams {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** Keys come one by one; absent = whether the output is a terminal. */
  readonly terminal?: boolean
}

type Asked = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'interrupted' | 'closed' }

/** null = the person pressed Ctrl-C or closed the input instead of answering. */
export async function askLine(question: string): Promise<string | null> {
  const asked = await ask(question)
  return asked.kind === 'line' ? asked.text : null
}

/** What a given line comes to, or in words why it does not. */
export type Reading<T> = { readonly value: T } | { readonly again: string }

/** Asks until the line can be read, and says each time what was wrong with it; null = Ctrl-C. */
export async function askUntil<T>(
  question: string,
  read: (given: string) => Reading<T> | Promise<Reading<T>>,
  ask: (question: string) => Promise<string | null> = askLine,
  say: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Promise<T | null> {
  for (;;) {
    const given = await ask(question)
    if (given === null) return null
    const reading = await read(given)
    if ('value' in reading) return reading.value
    say(`  ${reading.again}`)
  }
}

/** Returns when the person says yes. Anything else ends the command: 1 for no, 130 for Ctrl-C. */
export async function confirm(
  question: string,
  otherwise: { readonly say: string; readonly code: string },
  streams?: Streams,
): Promise<void> {
  const asked = await ask(`${question} [y/N] `, streams)
  if (asked.kind === 'line' && /^y(es)?$/i.test(asked.text)) return
  throw new Refused(otherwise.say, otherwise.code, asked.kind === 'interrupted' ? 130 : 1)
}

async function ask(
  question: string,
  streams: Streams = { input: process.stdin, output: process.stdout },
): Promise<Asked> {
  const lines = createInterface(streams)
  const given = new AbortController()
  let ended: 'interrupted' | 'closed' = 'closed'
  lines.on('SIGINT', () => {
    ended = 'interrupted'
    // What follows begins on a line of its own.
    streams.output.write('\n')
    given.abort()
  })
  lines.on('close', () => given.abort())
  try {
    return { kind: 'line', text: (await lines.question(question, { signal: given.signal })).trim() }
  } catch (fault) {
    if (fault instanceof Error && fault.name === 'AbortError') return { kind: ended }
    throw fault
  } finally {
    lines.close()
  }
}
