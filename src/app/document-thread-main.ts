/** In a thread of its own: looks at one document after another, so that releases and their clocks never wait for one. */
import { parentPort } from 'node:worker_threads'
import { kinds } from './app.ts'
import { openDesk } from '../import/desk/desk.ts'
import type { Desk } from '../import/desk/jobs.ts'

const desk = openDesk(kinds())

parentPort?.on('message', ({ name, job }: { readonly name: keyof Desk; readonly job: never }) => {
  try {
    tell({ answer: desk[name](job) })
  } catch (cause) {
    tell({ fault: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) })
  }
})
tell({ ready: true })

function tell(message: unknown): void {
  // oxlint-disable-next-line require-post-message-target-origin -- to the thread that started this one, not to a window
  parentPort?.postMessage(message)
}
