/** The command line: finds the command, runs it, and turns every ending into an exit code that scripts depend on. */
import { insistOnCertificates } from '../config/certificates.ts'
import type { ExitCode } from './faults.ts'
import { quickParse } from './quick-parse.ts'
import type { Asked } from './program.ts'
import type { Context } from './context.ts'

/** Everything is imported when it is needed: most commands are over before a big import would be. */
export async function main(argv: readonly string[]): Promise<number> {
  quietPipes(/^(run|resume|demo|release watch)\b/.test(argv.slice(0, 2).join(' ')))
  const said = insistOnCertificates(process.env)
  if (said !== null) process.stderr.write(`holdpoint: ${said}\n`)
  const asked = await ask(argv)
  if (typeof asked === 'number') return asked
  const { createContext } = await import('./context.ts')
  let context: Context | null = null
  try {
    context = await createContext(commonOf(asked))
    const run = await asked.entry.load()
    return await run(context, asked.words, asked.options)
  } catch (fault) {
    return await explain(fault, asked.options['json'] === true, context?.config.server?.url ?? null)
  } finally {
    context?.close()
  }
}

/**
 * `holdpoint … | head` closes the pipe early; that is no fault of ours. Who attends a release then is interrupted: only
 * its end may say 0.
 */
function quietPipes(isAttending: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code === 'EPIPE') process.exit(process.exitCode ?? (isAttending ? 130 : 0))
      throw fault
    })
  }
}

/** Where `--as` says something else, the name is claimed with `--by`. */
function commonOf({ entry, options }: Asked): Asked['options'] {
  return entry.options.some(({ flags }) => flags.startsWith('--by ')) ? { ...options, as: undefined } : options
}

async function ask(argv: readonly string[]): Promise<Asked | ExitCode> {
  const quick = quickParse(argv)
  if (quick) return quick
  const { parse, CommanderError } = await import('./program.ts')
  try {
    return (await parse(argv.length === 0 ? ['--help'] : argv)) ?? 0
  } catch (fault) {
    // Commander has printed its message or the help already.
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2
    throw fault
  }
}

async function explain(fault: unknown, json: boolean, server: string | null): Promise<ExitCode> {
  const { UsageFault, Refused } = await import('./faults.ts')
  const { ApiFault } = await import('../api/client-types.ts')
  const { exitOf, isCode } = await import('../api/wire/codes.ts')
  const { visibleLines } = await import('./terminal/text.ts')
  const tell = (code: string, said: string, exit: ExitCode): ExitCode => {
    const message = `${said}${wayBack(code, server)}`
    if (json) process.stdout.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`)
    process.stderr.write(`holdpoint: ${visibleLines(message)}\n`)
    return exit
  }
  if (fault instanceof UsageFault) return tell('usage', fault.message, 2)
  if (fault instanceof Refused) return tell(fault.code, fault.message, fault.exit)
  if (fault instanceof ApiFault) return tell(fault.code, fault.message, isCode(fault.code) ? exitOf(fault.code) : 4)
  if (fault instanceof Error && fault.name === 'ConfigFault') return tell('usage', fault.message, 2)
  if (isStartRefused(fault)) return tell(fault.code, fault.message, isCode(fault.code) ? exitOf(fault.code) : 2)
  if (fault instanceof Error && isFileFault(fault)) return tell('file', fileWords(fault), 2)
  return tell('bug', fault instanceof Error ? (fault.stack ?? fault.message) : String(fault), 4)
}

/** What to type when the server does not know, or not know freshly, who asks. */
function wayBack(code: string, server: string | null): string {
  if (server === null || !(code === 'not-signed-in' || code === 'sign-in-required')) return ''
  // The token goes before any sign-in, as long as the variables are set.
  if (process.env['HOLDPOINT_SERVER'] && process.env['HOLDPOINT_TOKEN'] && code === 'not-signed-in')
    return '\nHOLDPOINT_TOKEN was used; another one: holdpoint token issue MACHINE --expires 90d, by somebody who manages people'
  return `\nsign in again: holdpoint login ${server}`
}

/** What runs without an engine refuses a start as the engine would. */
function isStartRefused(fault: unknown): fault is Error & { readonly code: string } {
  return fault instanceof Error && fault.name === 'StartRefused'
}

interface FileFault extends Error {
  readonly code: string
  readonly path?: string
}

function isFileFault(fault: Error): fault is FileFault {
  return (
    'code' in fault &&
    ['ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR', 'EEXIST', 'EROFS', 'ENOSPC'].includes(String(fault.code))
  )
}

function fileWords({ code, path, message }: FileFault): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder, a file is expected',
    EACCES: 'not allowed to open it',
    EEXIST: 'it exists already',
    ENOSPC: 'the disk is full',
  }
  return path === undefined ? message : `${path}: ${words[code] ?? message}`
}
