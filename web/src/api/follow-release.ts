/** A release as a page holds it: the newest view, its past in sentences, its document, and how fresh they are. */
import { useEffect, useState } from 'preact/hooks'
import type { Plan, ReleaseView, TimelineLine } from '../../../src/api/wire/web.ts'
import { serverSaid } from '../parts/clock.ts'
import { get, type Refused } from './ask.ts'
import { follow, type Line } from './follow.ts'
import { shared } from './share.ts'

export interface Followed {
  readonly view: ReleaseView | null
  readonly plan: Plan | null
  readonly past: readonly TimelineLine[]
  readonly line: Line
}

const NOTHING: Followed = { view: null, plan: null, past: [], line: { kind: 'opening' } }
const GATHER_MS = 60

export function useFollowed(release: string): Followed {
  const [followed, setFollowed] = useState(NOTHING)
  useEffect(() => {
    const gone = new AbortController()
    const change = (part: Partial<Followed>): void => setFollowed((before) => ({ ...before, ...part }))
    const past = new Past(release, (lines) => change({ past: lines }), gone.signal)
    let digest = ''
    follow(
      release,
      {
        onView: (view) => {
          serverSaid(view.at)
          setFollowed((before) => ({ ...before, view: shared(before.view, view) }))
          if (view.facts.planDigest === digest) return
          digest = view.facts.planDigest
          // Amended, or seen for the first time.
          get<Plan>(`/v1/releases/${encodeURIComponent(view.release)}/plan`, gone.signal).then(
            (plan) => change({ plan }),
            () => (digest = ''),
          )
        },
        onEvent: () => past.isOld(),
        onLine: (line) => change({ line }),
      },
      gone.signal,
    )
    return () => gone.abort()
  }, [release])
  return followed
}

/** Asks for the sentences of what is new, once for all that came in one go. */
class Past {
  readonly #path: string
  readonly #tell: (lines: readonly TimelineLine[]) => void
  readonly #signal: AbortSignal
  #lines: readonly TimelineLine[] = []
  #isPlanned = false

  constructor(release: string, tell: (lines: readonly TimelineLine[]) => void, signal: AbortSignal) {
    this.#path = `/v1/releases/${encodeURIComponent(release)}/timeline`
    this.#tell = tell
    this.#signal = signal
  }

  isOld(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setTimeout(() => void this.#ask(), GATHER_MS)
  }

  async #ask(): Promise<void> {
    this.#isPlanned = false
    if (this.#signal.aborted) return
    const after = this.#lines.at(-1)?.version ?? 0
    const news = await get<readonly TimelineLine[]>(`${this.#path}?after=${after}`, this.#signal).catch(
      (cause: Refused | Error) => cause,
    )
    if (this.#signal.aborted || news instanceof Error) return
    const known = new Set(this.#lines.map(({ version }) => version))
    this.#lines = [...this.#lines, ...news.filter(({ version }) => !known.has(version))]
    this.#tell(this.#lines)
  }
}
