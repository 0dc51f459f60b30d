/** `backup`, `restore` and `store check`: a copy of the embedded store while it is in use, its way back, and whether a store is sound. */
import { StoreFault } from '../../core/ports/store.ts'
import { countWords } from '../../report/words.ts'
import type { Run, Values } from '../command-entry.ts'
import { type Context, printJson } from '../context.ts'
import { type ExitCode, Refused, UsageFault } from '../faults.ts'
import { text } from '../values.ts'

export const backup: Run = async (context, _words, options) =>
  refusing(async () => {
    const { backUpStore } = await import('../../app/backup.ts')
    const { home, database } = context.config
    return done(context, 'backed up', await backUpStore(home, database, whereTo(options)))
  })

export const restore: Run = async (context, _words, options) =>
  refusing(async () => {
    const { restoreStore } = await import('../../app/backup.ts')
    return done(context, 'restored', await restoreStore(text(options, 'from') ?? '', context.config.home))
  })

export const check: Run = async (context, words) =>
  refusing(async () => {
    const { checkStoreAt } = await import('../../app/backup.ts')
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

function whereTo(options: Values): { readonly folder: string } | { readonly file: string } {
  const [folder, file] = [text(options, 'to'), text(options, 'out')]
  if (folder !== null && file === null) return { folder }
  if (file !== null && folder === null) return { file }
  throw new UsageFault(
    'a backup is either a folder or one file; for example: holdpoint backup --to /backups/holdpoint-2026-03-01, or -o holdpoint.tar',
  )
}

type Told = ({ readonly folder: string } | { readonly file: string; readonly sha256: string }) & {
  readonly manifest: {
    readonly at: string
    readonly events: number
    readonly streams: number
    readonly evidence: number
  }
}

function done(context: Context, what: string, { manifest, ...where }: Told): ExitCode {
  if (context.json) printJson(context, { ...where, ...manifest })
  else {
    const { events, streams, evidence } = manifest
    context.out(
      `✔ ${what}: ${countWords(events, 'event')} in ${countWords(streams, 'stream')}, ${countWords(evidence, 'piece')} of evidence, every chain verified\n  ${'file' in where ? `${where.file}\n  sha256 ${where.sha256}` : where.folder}`,
    )
  }
  return 0
}

async function refusing(work: () => Promise<ExitCode>): Promise<ExitCode> {
  const { BackupRefused } = await import('../../app/backup.ts')
  try {
    return await work()
  } catch (fault) {
    if (fault instanceof BackupRefused) throw new Refused(fault.message, 'not-copied', 2)
    if (fault instanceof StoreFault) throw new Refused(fault.message, 'store', 4)
    throw fault
  }
}
