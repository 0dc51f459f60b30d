/** One question on the terminal, one line as answer. */
import { createInterface } from 'node:readline/promises'

/** null = the person pressed Ctrl-C or closed the input instead of answering. */
export async function askLine(question: string): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const given = new AbortController()
  lines.on('SIGINT', () => given.abort())
  lines.on('close', () => given.abort())
  try {
    return (await lines.question(question, { signal: given.signal })).trim()
  } catch (fault) {
    if (fault instanceof Error && fault.name === 'AbortError') return null
    throw fault
  } finally {
    lines.close()
  }
}
