/** Attending on a terminal: finished lines above, the live region below, keys for the person in front of it. */
import type { StoredEvent } from '../../core/ports/store.ts'
import type { ReleaseEvent } from '../../core/release/events.ts'
import type { ReleaseView } from '../../report/view.ts'
import { clockWords } from '../../report/words.ts'
import type { Context } from '../context.ts'
import type { Line } from '../terminal/line.ts'
import { paint } from '../terminal/line.ts'
import { createLiveRegion } from '../terminal/live-region.ts'
import type { News } from '../terminal/news.ts'
import { newsLine, newsOf } from '../terminal/news.ts'
import { factLines } from '../terminal/parts.ts'
import { liveRegion } from '../terminal/screen.ts'
import { visible, wrap } from '../terminal/text.ts'
import { titlesOf } from '../titles.ts'
import { planTitles } from './lines.ts'
import type { Presenter } from './presenter.ts'

/** Five times a second is what an eye can follow. */
const REDRAW_EVERY_MS = 200
/** Countdowns go on between views. */
const TICK_EVERY_MS = 1000

export interface LiveOptions {
  /** Called with a key, while no question is open. */
  readonly onKey: ((key: string) => void) | null
  /** The line of keys for this moment. */
  readonly keys: (view: ReleaseView) => string | null
}

export interface LivePresenter extends Presenter {
  /** Gives the terminal to a question; lines that come meanwhile are printed after it. */
  suspend<T>(during: () => Promise<T>): Promise<T>
  /** A line of our own, above the region. */
  say(line: Line): void
  current(): ReleaseView | null
}

export function livePresenter(context: Context, { onKey, keys }: LiveOptions): LivePresenter {
  const region = createLiveRegion({
    write: (text) => process.stdout.write(text),
    get columns() {
      return context.paper().width
    },
  })
  let view: ReleaseView | null = null
  let titles = titlesOf({ phases: [] })
  let pending: string[] = []
  let drawnAt = 0
  let timer: NodeJS.Timeout | null = null
  let suspended = false
  let begun = false

  const flush = () => {
    if (suspended) return
    const lines = pending
    pending = []
    region.print(lines)
  }
  const redraw = () => {
    timer = null
    if (suspended || !view) return
    flush()
    drawnAt = Date.now()
    const shown = { ...view, at: Math.max(view.at, Date.now()) }
    // One row stays free: a terminal scrolls when its last one is written.
    const height = Math.max(6, Math.min(context.height() - 1, 40))
    region.draw(liveRegion(shown, { ...context.paper(), height, keys: keys(shown) }))
  }
  const wantRedraw = () => {
    timer ??= setTimeout(redraw, Math.max(0, drawnAt + REDRAW_EVERY_MS - Date.now()))
  }
  const print = (line: Line) => pending.push(paint(line, context.paper()))
  const ticker = setInterval(wantRedraw, TICK_EVERY_MS)
  const input = onKey ? listen(onKey, () => suspended) : null
  process.stdout.on('resize', wantRedraw)

  return {
    event: ({ at, event }: StoredEvent<ReleaseEvent>) => {
      if (event.kind === 'ReleaseStarted' || event.kind === 'ReleaseAmended') titles = titlesOf(planTitles(event.plan))
      const news = newsOf(event, titles)
      if (news.lasting && event.kind !== 'ReleaseStarted') {
        for (const line of lastingLines(news, event, at, context.paper().width)) print(line)
        wantRedraw()
      }
    },
    view: (next) => {
      if (!begun) for (const line of factLines(next.release, next.facts, context.paper().width)) print(line)
      begun = true
      view = next
      titles = titlesOf(next)
      wantRedraw()
    },
    disconnected: (why) => {
      print([['≈ ', 'warn'], `lost the engine (${why}), trying again`])
      wantRedraw()
    },
    say: (line) => {
      // A refusal says what to do instead: it may take three rows.
      pending.push(paint(line, { ...context.paper(), width: context.paper().width * 3 }))
      wantRedraw()
    },
    suspend: async (during) => {
      flush()
      region.clear()
      suspended = true
      input?.stop()
      try {
        return await during()
      } finally {
        input?.start()
        suspended = false
        wantRedraw()
      }
    },
    current: () => view,
    end: () => {
      clearInterval(ticker)
      if (timer) clearTimeout(timer)
      timer = null
      process.stdout.off('resize', wantRedraw)
      input?.stop()
      suspended = false
      flush()
      region.clear()
      suspended = true
    },
  }
}

const MOST_ROWS = 4

/** Phases are headings; everything below them is indented, with its time. A reason is not to be lost, a flood is to be stopped. */
export function lastingLines(news: News, event: ReleaseEvent, at: number, width: number): readonly Line[] {
  if (event.kind === 'PhaseOpened') return [[[`▾ ${news.text}`, 'strong']]]
  const indent = ' '.repeat(13)
  const rows = wrap(visible(news.text), Math.max(20, width - indent.length))
  const [first = '', ...rest] =
    rows.length > MOST_ROWS ? [...rows.slice(0, MOST_ROWS - 1), `${rows[MOST_ROWS - 1] ?? ''}…`] : rows
  return [
    [['  ', 'plain'], [clockWords(at), 'dim'], ' ', ...newsLine({ ...news, text: first })],
    ...rest.map((row): Line => [indent, row]),
  ]
}

function listen(onKey: (key: string) => void, isSuspended: () => boolean): { start(): void; stop(): void } {
  const hear = (chunk: Buffer) => {
    if (isSuspended()) return
    // An arrow or function key comes as one sequence: it is no letter.
    const text = chunk.toString('utf8')
    if (!text.startsWith('\x1b')) for (const key of text) onKey(key)
  }
  const start = () => {
    process.stdin.setRawMode(true)
    process.stdin.resume()
    process.stdin.on('data', hear)
  }
  const stop = () => {
    process.stdin.off('data', hear)
    process.stdin.setRawMode(false)
    process.stdin.pause()
  }
  start()
  return { start, stop }
}
