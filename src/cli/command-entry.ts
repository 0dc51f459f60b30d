/** What a command is: its words, options and example, and how it runs. */
import type { Context } from './context.ts'
import type { ExitCode } from './faults.ts'

export interface OptionSpec {
  /** As commander reads them: `--reason <why>`. */
  readonly flags: string
  readonly about: string
  readonly choices?: readonly string[]
  /** May be given more than once. */
  readonly repeats?: boolean
  readonly required?: boolean
  /** Another spelling of the same, which is taken and not shown: `--notes`. */
  readonly also?: string
}

export type Values = Readonly<Record<string, unknown>>
export type Run = (context: Context, words: readonly string[], options: Values) => Promise<ExitCode>

export interface CommandEntry {
  /** `lint`, or `release answer`. */
  readonly path: string
  /** `FILE`, `[RELEASE] STEP ANSWER`: shown in usage. */
  readonly words: string
  readonly least: number
  readonly most: number
  readonly about: string
  readonly example: string
  readonly options: readonly OptionSpec[]
  readonly load: () => Promise<Run>
}
