/** What every command is given: where to write, who asks, and whether a person sits in front of it. */
import type { Client } from '../api/client-types.ts'
import type { Config } from '../config/config.ts'
import type { Paper } from './terminal/line.ts'

/** Options that every command understands. */
export interface CommonOptions {
  readonly json?: boolean
  readonly as?: string
  readonly by?: string
  readonly store?: string
}

export interface Context {
  readonly config: Config
  /** A claimed name; undefined = the operating-system user. */
  readonly as: string | undefined
  /** One JSON document on stdout and nothing else. */
  readonly json: boolean
  /** A person reads and types here: questions and a live view make sense. */
  readonly interactive: boolean
  readonly colour: boolean
  /** Results. */
  readonly out: (text: string) => void
  /** Progress and complaints. */
  readonly err: (text: string) => void
  paper(): Paper
  /** Where texts are folded at words: at the width of the terminal; a pipe gets them in one line. */
  fold(): number
  height(): number
  /** The engine of this store, started if it does not run. Closed when the command ends. */
  client(): Promise<Client>
  /** Only if an engine runs already. */
  runningClient(): Promise<Client | null>
  close(): void
}

export async function createContext(options: CommonOptions): Promise<Context> {
  const { readConfig } = await import('../config/config.ts')
  const config = readConfig(process.env, options.store === undefined ? {} : { store: options.store })
  const as = options.as ?? options.by
  const json = options.json ?? false
  const terminal = process.stdout.isTTY && process.env['TERM'] !== 'dumb'
  const colour = terminal && !process.env['NO_COLOR']
  const opened: Client[] = []
  const keep = (client: Client) => {
    opened.push(client)
    return client
  }
  const actor = as === undefined ? {} : { actor: { id: as, isScripted: false } }
  return {
    config,
    as,
    json,
    interactive: terminal && process.stdin.isTTY && !json,
    colour,
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    paper: () => ({ width: widthOfTerminal(), colour }),
    fold: () => (process.stdout.isTTY ? widthOfTerminal() : Number.POSITIVE_INFINITY),
    height: () => process.stdout.rows || 24,
    async client() {
      if (config.server !== null && as !== undefined) await refuseClaim(config.server.url)
      const { openClient } = await import('../api/open-client.ts')
      return keep(
        await openClient(config, { ...actor, tell: (line) => void process.stderr.write(`holdpoint: ${line}\n`) }),
      )
    },
    async runningClient() {
      const { findClient } = await import('../api/open-client.ts')
      const client = await findClient(config, actor)
      return client && keep(client)
    },
    close: () => opened.forEach((client) => client.close()),
  }
}

/** A server knows who signed in; a claimed name would only look as if it counted. */
async function refuseClaim(url: string): Promise<never> {
  const { UsageFault } = await import('./faults.ts')
  throw new UsageFault(`${url} knows who you are: leave out --as, or sign in as somebody else with holdpoint login`)
}

/** Pipes and files get long lines: cutting them would lose words. */
function widthOfTerminal(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number(process.env['COLUMNS']) || 120
}

/** JSON escapes the first controls only. These it may escape too, and people read it on terminals. */
function terminalSafe(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function printJson(context: Context, value: unknown): void {
  context.out(terminalSafe(JSON.stringify(value, null, 2)))
}
