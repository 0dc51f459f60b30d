/** Keeps targets fresh while somebody can see them: who holds each, and who stands in line. */
import type { TargetView } from '../../../src/api/wire/web.ts'
import { get, Refused, wordsOf } from './ask.ts'
import { shared } from './share.ts'

const EVERY_MS = 3_000

export interface TargetsState {
  /** null = not told yet. */
  readonly targets: readonly TargetView[] | null
  readonly lost: { readonly since: number; readonly why: string } | null
}

export interface TargetsFilter {
  readonly service: string
  readonly environment: string
}

/** Returns what asks at once. */
export function pollTargets(
  onState: (state: TargetsState) => void,
  signal: AbortSignal,
  filter: TargetsFilter | null = null,
  everyMs = EVERY_MS,
): () => void {
  const path = filter === null ? '/v1/targets' : `/v1/targets?${new URLSearchParams({ ...filter }).toString()}`
  let state: TargetsState = { targets: null, lost: null }
  let heardAt = Date.now()
  const tell = (next: TargetsState): void => {
    state = next
    onState(next)
  }
  const look = async (): Promise<void> => {
    try {
      const targets = shared(state.targets, await get<readonly TargetView[]>(path, signal))
      heardAt = Date.now()
      if (targets !== state.targets || state.lost !== null) tell({ targets, lost: null })
    } catch (cause) {
      if (signal.aborted || (cause instanceof Refused && cause.code === 'not-signed-in')) return
      tell({ ...state, lost: { since: heardAt, why: wordsOf(cause) } })
    }
  }
  const timer = setInterval(() => {
    if (!document.hidden) void look()
  }, everyMs)
  signal.addEventListener('abort', () => clearInterval(timer))
  void look()
  return () => void look()
}
