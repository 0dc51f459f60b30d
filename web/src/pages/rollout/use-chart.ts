/** The chart of one rollout or watch as a page holds it: asked for once, then only what is new, as samples come. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Chart } from '../../../../src/api/wire/web.ts'
import { joined } from './chart-data.ts'
import { get, Refused, wordsOf } from '../../api/ask.ts'

export interface FollowedChart {
  readonly chart: Chart | null
  /** The server has answered: `chart` null means that there is nothing. */
  readonly isKnown: boolean
  /** Why it does not come; what is shown stays. */
  readonly trouble: string | null
}

export interface Beat {
  /** Of the release: a stage may have begun or ended. */
  readonly version: number
  /** End of the last interval that the view tells of. */
  readonly upTo: number | null
}

const NOTHING: FollowedChart = { chart: null, isKnown: false, trouble: null }
const AGAIN_MS = 400
const LONGEST_PAUSE_MS = 5_000

/** `beat` changes = there may be news. */
export function useChart(release: string, step: string, { version, upTo }: Beat): FollowedChart {
  const [followed, setFollowed] = useState(NOTHING)
  const follower = useRef<Follower | null>(null)
  useEffect(() => {
    const made = new Follower(release, step, setFollowed)
    follower.current = made
    return () => made.end()
  }, [release, step])
  useEffect(() => follower.current?.beat(upTo), [release, step, version, upTo])
  return followed
}

class Follower {
  readonly #path: string
  readonly #tell: (followed: FollowedChart) => void
  readonly #gone = new AbortController()
  #chart: Chart | null = null
  #wanted = -Infinity
  #isAsking = false
  #isOld = false
  #pauseMs = AGAIN_MS
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(release: string, step: string, tell: (followed: FollowedChart) => void) {
    this.#path = `/v1/releases/${encodeURIComponent(release)}/chart?step=${encodeURIComponent(step)}`
    this.#tell = tell
  }

  beat(upTo: number | null): void {
    this.#wanted = Math.max(this.#wanted, upTo ?? -Infinity)
    this.#isOld = true
    void this.#run()
  }

  end(): void {
    this.#gone.abort()
    clearTimeout(this.#timer)
  }

  /** One request at a time: whatever came meanwhile is in the next one. */
  async #run(): Promise<void> {
    if (this.#isAsking || this.#gone.signal.aborted) return
    this.#isAsking = true
    while (this.#isOld) {
      this.#isOld = false
      await this.#ask()
    }
    this.#isAsking = false
  }

  async #ask(): Promise<void> {
    const after = this.#chart?.to.at(-1)
    try {
      const news = await get<Chart | null>(
        after === undefined ? this.#path : `${this.#path}&after=${after}`,
        this.#gone.signal,
      )
      if (news !== null) this.#chart = joined(this.#chart, news)
      this.#tell({ chart: this.#chart, isKnown: true, trouble: null })
      if (news?.more === true) this.#isOld = true
      else if ((this.#chart?.to.at(-1) ?? -Infinity) < this.#wanted) this.#later()
      else this.#pauseMs = AGAIN_MS
    } catch (cause) {
      if (this.#gone.signal.aborted) return
      this.#tell({ chart: this.#chart, isKnown: this.#chart !== null, trouble: wordsOf(cause) })
      if (!(cause instanceof Refused) || cause.status >= 500) this.#later()
    }
  }

  /** A view is told before its samples are on the disk: the next look finds them. */
  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isOld = true
      void this.#run()
    }, this.#pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
  }
}
