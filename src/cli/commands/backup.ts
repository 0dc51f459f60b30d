/** `backup`, `restore` and `store check`: a copy of the embedded store while it is in use, its way back, and whether a store is sound. */
import { StoreFault } from '../../core/ports/store.ts'
import { countWords } from '../../report/words.ts'
import type { Run } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { type ExitCode, Refused } from '../faults.ts'
import { text } from '../values.ts'

export const backup: Run = async (context, _words, options) =>
  refusing(async () => {
    const { backUpStore } = await import('../../app-backup.ts')
    const { home, database } = context.config
    return done(context, 'backed up', await backUpStore(home, database, text(options, 'to') ?? ''))
  })

export const restore: Run = async (context, _words, options) =>
  refusing(async () => {
    const { restoreStore } = await import('../../app-backup.ts')
    return done(context, 'restored', await restoreStore(text(options, 'from') ?? '', context.config.home))
  })

export const check: Run = async (context, words) =>
  refusing(async () => {
    const { checkStoreAt } = await import('../../app-backup.ts')
    const { home, database } = context.config
    const report = await checkStoreAt(words[0] ?? database ?? home, (what, at) => {
      if (context.interactive) context.err(`${what}: ${at}`)
    })
    const { heads: _heads, ...told } = report
    if (context.json) printJson(context, told)
    else {
      const { events, streams, evidence, problems } = report
      for (const problem of problems) context.out(`✖ ${problem}`)
      context.out(
        `${problems.length === 0 ? '✔ sound' : '✖ not sound'}: ${countWords(events, 'event')} in ${countWords(streams, 'stream')}, ${countWords(evidence, 'piece')} of evidence in ${report.store}`,
      )
    }
    return report.problems.length === 0 ? 0 : 1
  })

interface Told {
  readonly folder: string
  readonly manifest: {
    readonly at: string
    readonly events: number
    readonly streams: number
    readonly evidence: number
  }
}

function done(context: Context, what: string, { folder, manifest }: Told): ExitCode {
  if (context.json) printJson(context, { folder, ...manifest })
  else {
    const { events, streams, evidence } = manifest
    context.out(
      `✔ ${what}: ${countWords(events, 'event')} in ${countWords(streams, 'stream')}, ${countWords(evidence, 'piece')} of evidence, every chain verified\n  ${folder}`,
    )
  }
  return 0
}

async function refusing(work: () => Promise<ExitCode>): Promise<ExitCode> {
  const { BackupRefused } = await import('../../app-backup.ts')
  try {
    return await work()
  } catch (fault) {
    if (fault instanceof BackupRefused) throw new Refused(fault.message, 'not-copied', 2)
    if (fault instanceof StoreFault) throw new Refused(fault.message, 'store', 4)
    throw fault
  }
}
