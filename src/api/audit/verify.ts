/** Hashes the whole log again, on the server, and says in words what that showed. */
import { LogCheck, type LogFault } from '../../core/log/check-log.ts'
import type { Store } from '../../core/ports/store.ts'
import type { LogVerdict } from '../wire/audit-answers.ts'

const PAGE = 500
const MOST_FAULTS = 50

/** One at a time: whoever asks while it runs gets the same answer. */
export class LogVerifier {
  readonly #store: Pick<Store, 'tail'>
  #running: Promise<LogVerdict> | null = null

  constructor(store: Pick<Store, 'tail'>) {
    this.#store = store
  }

  verify(): Promise<LogVerdict> {
    this.#running ??= verifyLog(this.#store).finally(() => {
      this.#running = null
    })
    return this.#running
  }
}

export async function verifyLog(store: Pick<Store, 'tail'>): Promise<LogVerdict> {
  const check = new LogCheck()
  const faults: LogFault[] = []
  let faultCount = 0
  let from: number | null = null
  let to: number | null = null
  let events = 0
  for (;;) {
    const page = await store.tail(check.position, PAGE, 'stored')
    if (page.length === 0) break
    for (const event of page) {
      const found = check.take(event)
      faultCount += found.length
      if (faults.length < MOST_FAULTS) faults.push(...found)
      events += 1
      from ??= event.at
      to = event.at
    }
    // Others are served in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const counted = { events, streams: check.ends.size, from, to, faults: faults.slice(0, MOST_FAULTS), faultCount }
  return { ok: faultCount === 0, ...counted, say: wordsOf(counted) }
}

function wordsOf(counted: Omit<LogVerdict, 'ok' | 'say'>): readonly string[] {
  const { events, streams, from, to, faults, faultCount } = counted
  if (from === null || to === null) return ['The log is empty: there is nothing to verify.']
  const all = `${number(events)} entries in ${number(streams)} chains, from ${moment(from)} to ${moment(to)} (UTC), were hashed again.`
  if (faultCount === 0)
    return [
      all,
      'Every entry is what was written, and follows the one before it: none was changed, taken out or put in between.',
      'This does not show a log that somebody wrote anew from some entry on to its end. A head that is kept elsewhere does: serve --checkpoint, and the bundle of a release.',
    ]
  return [
    all,
    `${number(faultCount)} ${faultCount === 1 ? 'place does' : 'places do'} not fit:`,
    ...faults.map(faultWords),
    'What stands before the first of these places in its chain is sound. Compare with a backup: holdpoint store check reads one.',
  ]
}

function faultWords({ stream, position, say }: LogFault): string {
  return stream === null
    ? `In the log as a whole: ${say}.`
    : `In ${streamWords(stream)}, entry ${position} of the log: ${say}.`
}

function streamWords(stream: string): string {
  if (stream === 'audit') return 'the audit'
  if (stream === 'access') return 'the changes of rights'
  return stream.startsWith('release/') ? `the release ${stream.slice('release/'.length)}` : stream
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
