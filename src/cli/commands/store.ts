/** `store copy`: everything from one store to another, checked at the end; an interrupted copy goes on. */
import { StoreFault } from '../../core/ports/store.ts'
import { countWords } from '../../report/words.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { Refused } from '../faults.ts'
import { text } from '../values.ts'

const tellEveryMs = 1_000

export const copy: Run = async (context, _words, options) => {
  const { copyBetween, CopyRefused } = await import('../../app/copy.ts')
  const tell = paced((what, done, of) =>
    context.err(`${what}: ${done}${of === null || of === done ? '' : ` of ${of}`}`),
  )
  try {
    const copied = await copyBetween(text(options, 'from') ?? '', text(options, 'to') ?? '', Date.now(), tell)
    if (context.json) {
      printJson(context, copied)
      return 0
    }
    const { events, streams, releases, evidence } = copied.counts
    context.out(
      `✔ copied ${countWords(releases, 'release')}: ${countWords(events, 'event')} in ${countWords(streams, 'stream')}, ${countWords(evidence, 'piece')} of evidence, every chain verified`,
    )
    context.out(`  from ${copied.from}\n  to   ${copied.to}`)
    context.err('the source is as it was: run only one of the two from now on')
    return 0
  } catch (fault) {
    if (fault instanceof CopyRefused) throw new Refused(fault.message, 'not-copied', 1)
    if (fault instanceof StoreFault) throw new Refused(fault.message, 'store', fault.retryable ? 1 : 4)
    throw fault
  }
}

type Tell = (what: string, done: number, of: number | null) => void

/** A line a second at most, and one when something is complete. */
function paced(tell: Tell): Tell {
  let last = 0
  return (what, done, of) => {
    const now = performance.now()
    if (done !== of && now - last < tellEveryMs) return
    last = now
    tell(what, done, of)
  }
}
