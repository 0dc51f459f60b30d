/** Keeps the board fresh: asks every two seconds whether anything happened, only while somebody can see the answer. */
import type { BoardAnswer, BoardLine, BoardWaiting } from '../../../src/api/wire/web.ts'
import { serverSaid } from '../parts/clock.ts'
import { get, Refused, wordsOf } from './ask.ts'
import { shared } from './share.ts'

export interface BoardState {
  readonly lines: readonly BoardLine[] | null
  /** How many have ended; null = nobody has told. */
  readonly ended: number | null
  /** Starts that wait for a busy target. */
  readonly inLine: readonly BoardWaiting[]
  /** Why what is shown is not fresh, and since when; null = it is. */
  readonly lost: { readonly since: number; readonly why: string } | null
}

const EVERY_MS = 2_000
/** Something that only time changes, such as a soak, is told without any event. */
const ANEW_MS = 10_000

export function pollBoard(onState: (state: BoardState) => void, signal: AbortSignal): void {
  let state: BoardState = { lines: null, ended: null, inLine: [], lost: null }
  let head = -1
  let heardAt = Date.now()
  let wholeAt = 0
  const tell = (next: BoardState): void => {
    state = next
    onState(next)
  }
  const look = async (): Promise<void> => {
    const isWhole = Date.now() - wholeAt > ANEW_MS
    const answer = await get<BoardAnswer>(`/v1/board${isWhole ? '' : `?known=${head}`}`, signal)
    heardAt = Date.now()
    if (answer.lines !== null) wholeAt = heardAt
    head = answer.head
    serverSaid(answer.at)
    const lines = answer.lines === null ? state.lines : shared(state.lines, answer.lines)
    const ended = answer.lines === null ? state.ended : answer.ended
    const inLine = answer.inLine === null ? state.inLine : shared(state.inLine, answer.inLine ?? [])
    if (lines !== state.lines || ended !== state.ended || inLine !== state.inLine || state.lost !== null)
      tell({ lines, ended, inLine, lost: null })
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      if (!document.hidden)
        await look().catch((cause: unknown) => {
          if (signal.aborted || (cause instanceof Refused && cause.code === 'not-signed-in')) return
          tell({ ...state, lost: { since: heardAt, why: wordsOf(cause) } })
        })
      await untilWoken(EVERY_MS, signal)
    }
  }
  void run()
}

/** A page that comes back to sight wants to know at once. */
function untilWoken(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
      window.removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const seen = (): void => {
      if (!document.hidden) done()
    }
    const timer = setTimeout(done, ms)
    document.addEventListener('visibilitychange', seen)
    window.addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
}
