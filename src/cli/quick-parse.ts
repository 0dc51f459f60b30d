/** Reads a command line that is plainly right without loading the big parser; anything else is left to that one. */
import type { CommandEntry, OptionSpec } from './command-entry.ts'
import { commandTable } from './command-table.ts'
import type { Asked } from './program.ts'

/** null = not plainly right: help, a mistake, an abbreviation. */
export function quickParse(argv: readonly string[]): Asked | null {
  const entry = entryOf(argv)
  // What `--no-…` means where it is not said is for the big parser to know.
  if (!entry || entry.options.some(({ flags }) => flags.startsWith('--no-'))) return null
  const options: Record<string, unknown> = {}
  const words: string[] = []
  const rest = argv.slice(entry.path.split(' ').length)
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? ''
    if (!word.startsWith('-')) {
      words.push(word)
      continue
    }
    const spec = entry.options.find((option) => namesOf(option).includes(word))
    if (!spec || takes(spec) === 'maybe') return null
    if (takes(spec) === 'nothing') options[keyOf(spec)] = true
    else {
      at += 1
      const value = rest[at]
      if (value === undefined || value.startsWith('-') || (spec.choices && !spec.choices.includes(value))) return null
      options[keyOf(spec)] = spec.repeats ? [...((options[keyOf(spec)] as string[] | undefined) ?? []), value] : value
    }
  }
  const isComplete = entry.options.every((spec) => !spec.required || keyOf(spec) in options)
  return isComplete && words.length >= entry.least && words.length <= entry.most ? { entry, words, options } : null
}

function entryOf([first, second]: readonly string[]): CommandEntry | undefined {
  return (
    commandTable.find((entry) => entry.path === `${first} ${second}`) ??
    commandTable.find((entry) => entry.path === first)
  )
}

function namesOf({ flags }: OptionSpec): readonly string[] {
  return flags.split(/[ ,]+/).filter((part) => part.startsWith('-'))
}

function takes({ flags }: OptionSpec): 'nothing' | 'value' | 'maybe' {
  if (flags.includes('<')) return 'value'
  return flags.includes('[') ? 'maybe' : 'nothing'
}

/** `--dry-run` is kept as `dryRun`, as the big parser does it. */
function keyOf(spec: OptionSpec): string {
  const name = namesOf(spec).at(-1) ?? ''
  return name.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
