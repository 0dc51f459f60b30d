/** Reads a script as simple commands, word by word; what shell would do more with is not read. */
import { asked } from '../reading/shell-meaning.ts'
import { commandLines } from '../reading/shell-parts.ts'
import { withNames } from './block.ts'

/** The program, its words without options, and its options; an option without a value has ''. */
export interface SimpleCommand {
  readonly program: string
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string>
  /** What a search behind a pipe looks for; null = there is none. */
  readonly search: { readonly pattern: string; readonly isLoose: boolean } | null
}

const word = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'|;&<>()\\]|\\.)+))(?=\s|$)/y
const search = /\s*(?:2>&1\s*)?\|\s*(?:e?grep|rg)\s+(-i\s+)?(?:"([^"$`]{1,80})"|'([^'\\]{1,80})'|([\w-]{1,60}))\s*$/

/**
 * null = something in it is not simple: substitutions, lists other than `&&`, redirections, variables of the shell.
 * `valued` names the options that take the next word.
 */
export function simpleCommands(script: string, valued: ReadonlySet<string>): readonly SimpleCommand[] | null {
  const lines = commandLines(asked(script).script).flatMap((line) => line.split(/\s+&&\s+|;\s+/))
  const commands: SimpleCommand[] = []
  for (const line of lines) {
    const command = simpleCommand(line, valued)
    if (!command) return null
    commands.push(command)
  }
  return commands.length > 0 ? commands : null
}

function simpleCommand(line: string, valued: ReadonlySet<string>): SimpleCommand | null {
  const piped = search.exec(line)
  const words = wordsOf(piped ? line.slice(0, piped.index) : line)
  if (!words) return null
  const [program = '', ...rest] = words
  const plain: string[] = []
  const options = new Map<string, string>()
  for (let at = 0; at < rest.length; at += 1) {
    const each = rest[at] ?? ''
    const assigned = /^(--[\w-]+)=(.*)$/.exec(each)
    const name = assigned?.[1] ?? each
    if (!/^-./.test(each)) plain.push(each)
    else if (options.has(name)) return null
    else if (assigned) options.set(name, assigned[2] ?? '')
    else if (valued.has(each)) options.set(each, rest[++at] ?? '')
    else options.set(each, '')
  }
  const pattern = piped?.[2] ?? piped?.[3] ?? piped?.[4]
  return {
    program,
    words: plain,
    options,
    search: pattern === undefined ? null : { pattern, isLoose: piped?.[1] !== undefined },
  }
}

function wordsOf(line: string): readonly string[] | null {
  const words: string[] = []
  word.lastIndex = 0
  let end = 0
  for (let found = word.exec(line); found; found = word.exec(line)) {
    const named = withNames((found[1] ?? found[2] ?? found[3] ?? '').replace(/\\(?=["\\])/g, ''))
    if (named === null) return null
    words.push(named)
    end = word.lastIndex
  }
  return line.slice(end).trim() === '' ? words : null
}

/** It has no option besides these. */
export function hasOnly({ options }: SimpleCommand, ...names: readonly string[]): boolean {
  return [...options.keys()].every((name) => names.includes(name))
}
