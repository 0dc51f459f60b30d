/** Attends one release: shows what happens until it is decided, until only people are left, or until the person detaches. */
import { appendFile } from 'node:fs/promises'
import type { Client } from '../../api/client-types.ts'
import type { ReleaseView } from '../../report/view.ts'
import type { Context } from '../context.ts'
import { printJson } from '../context.ts'
import type { ExitCode } from '../faults.ts'
import { Refused } from '../faults.ts'
import type { Patience } from './ending.ts'
import { endingOf } from './ending.ts'
import { linePresenter } from './lines.ts'
import type { LivePresenter } from './live.ts'
import type { Presenter } from './presenter.ts'
import { scriptedSummary, summaryLines } from './summary.ts'

export interface AttendOptions extends Omit<Patience, 'interactive'> {
  readonly eventsFile: string | null
  /** Events up to this version are known already. */
  readonly after: number
  /** Scripted people answer: the one in front of the terminal only looks on. */
  readonly scripted?: boolean
}

export async function attend(
  context: Context,
  client: Client,
  release: string,
  options: AttendOptions,
): Promise<ExitCode> {
  const leaving = new AbortController()
  const detach = () => leaving.abort()
  process.once('SIGINT', detach)
  process.once('SIGTERM', detach)
  const presenter = await present(context, client, detach, options.scripted ?? false)
  try {
    const { view, exit } = await follow(context, client, release, options, presenter, leaving.signal)
    presenter.end()
    conclude(context, release, view, exit, options.scripted ?? false)
    return exit
  } finally {
    presenter.end()
    process.off('SIGINT', detach)
    process.off('SIGTERM', detach)
  }
}

async function present(context: Context, client: Client, detach: () => void, scripted: boolean): Promise<Presenter> {
  if (!context.interactive) return linePresenter(context.json ? context.err : context.out)
  const { livePresenter } = await import('./live.ts')
  if (scripted)
    return livePresenter(context, { onKey: null, keys: () => 'scripted people answer · Ctrl-C ends the demo' })
  const { actOnKey, keyLine } = await import('./keys.ts')
  let asking = false
  const presenter: LivePresenter = livePresenter(context, {
    keys: keyLine,
    onKey: (key) => {
      // In raw mode Ctrl-C is a character, not a signal.
      if (key === '\u0003' || key === 'q' || key === 'd') return detach()
      if (asking) return
      asking = true
      actOnKey(key, context, client, presenter)
        .catch((fault: unknown) =>
          presenter.say([['✖ ', 'bad'], fault instanceof Error ? fault.message : String(fault)]),
        )
        .finally(() => {
          asking = false
        })
    },
  })
  return presenter
}

interface Followed {
  readonly view: ReleaseView | null
  readonly exit: ExitCode
}

async function follow(
  context: Context,
  client: Client,
  release: string,
  options: AttendOptions,
  presenter: Presenter,
  signal: AbortSignal,
): Promise<Followed> {
  const patience = { ...options, interactive: context.interactive || options.scripted === true }
  let seen = options.after
  let view: ReleaseView | null = null
  for await (const item of client.watch(release, { after: options.after, signal })) {
    if (item.kind === 'disconnected') presenter.disconnected(item.why)
    if (item.kind === 'event' && item.event.version > seen) {
      seen = item.event.version
      if (options.eventsFile !== null) await appendFile(options.eventsFile, `${JSON.stringify(item.event)}\n`)
      presenter.event(item.event)
    }
    if (item.kind === 'live') {
      view = item.view
      presenter.view(view)
      // Only when every event up to this view was shown: the last lines tell why it ended.
      const exit = view.version <= seen ? endingOf(view, patience) : null
      if (exit !== null) return { view, exit }
    }
    if (item.kind === 'event' && view !== null && view.version === seen) {
      const exit = endingOf(view, patience)
      if (exit !== null) return { view, exit }
    }
  }
  if (signal.aborted) return { view, exit: 130 }
  throw new Refused(
    `the engine stopped telling about ${release}; see: holdpoint release show ${release}`,
    'stream-ended',
    4,
  )
}

function conclude(
  context: Context,
  release: string,
  view: ReleaseView | null,
  exit: ExitCode,
  scripted: boolean,
): void {
  if (context.json) {
    printJson(context, { release, exit, decision: view?.decision ?? null, waitsFor: view?.waitsFor ?? [], view })
    return
  }
  for (const line of scripted
    ? scriptedSummary(view, exit, context.paper())
    : summaryLines(release, view, exit, context.paper()))
    context.out(line)
}
