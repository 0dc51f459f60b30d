/** What ends a command early, with the exit code that scripts depend on. */
import type { ExitCode } from '../api/wire/codes.ts'

export type { ExitCode }

/** Wrong usage: exit 2. The message says what was found, what is expected, and shows one correct line. */
export class UsageFault extends Error {
  override name = 'UsageFault'
}

/** The answer is no, said by a rule: its own exit code. */
export class Refused extends Error {
  override name = 'Refused'
  readonly code: string
  readonly exit: ExitCode
  constructor(message: string, code: string, exit: ExitCode) {
    super(message)
    this.code = code
    this.exit = exit
  }
}
