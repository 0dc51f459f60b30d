/** The command table as a commander program: parsing, help, suggestions. */
import { Command, CommanderError, Option } from 'commander'
import type { CommandEntry, OptionSpec } from './command-entry.ts'
import { commandTable, groups } from './command-table.ts'
import { visibleLines } from './terminal/text.ts'

/** What was asked for: a command with its words and options. */
export interface Asked {
  readonly entry: CommandEntry
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/** Throws CommanderError for wrong usage, and for help that was asked for (exit code 0). */
export async function parse(argv: readonly string[]): Promise<Asked | null> {
  let asked: Asked | null = null
  const program = build((found) => {
    asked = found
  })
  await program.parseAsync([...argv], { from: 'user' })
  return asked
}

export function build(found: (asked: Asked) => void): Command {
  const program = new Command('holdpoint')
    .description('Your release checklist, running.')
    // It repeats what it did not understand, wherever that came from.
    .configureOutput({ writeErr: (text) => void process.stderr.write(visibleLines(text)) })
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ subcommandTerm: (command) => termOf(command) })
    .helpCommand('help [command]', 'help for a command')
    .addHelpText('after', '\nExample:\n  holdpoint demo --fast')
  const parents = new Map<string, Command>()
  for (const entry of commandTable) {
    const [first = '', second] = entry.path.split(' ')
    if (second === undefined) parents.set(first, addCommand(program, first, entry, found))
    else addCommand(groupOf(program, parents, first), second, entry, found)
  }
  return program
}

function groupOf(program: Command, parents: Map<string, Command>, name: string): Command {
  const known = parents.get(name)
  if (known) return known
  const parent: Command = program
    .command(name)
    .description(groups[name] ?? '')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ subcommandTerm: (command) => termOf(command) })
    .addHelpText(
      'after',
      `\nExample:\n  ${commandTable.find((entry) => entry.path.startsWith(`${name} `))?.example ?? ''}`,
    )
  parents.set(name, parent)
  return parent
}

/** A command may have commands below it, such as `judge` and `judge simulate`: those come later in the table. */
function addCommand(parent: Command, name: string, entry: CommandEntry, found: (asked: Asked) => void): Command {
  const command = parent
    .command(name)
    .description(entry.about)
    .usage([entry.words, '[options]'].filter((part) => part !== '').join(' '))
    .argument('[words...]')
    .configureHelp({ visibleArguments: () => [] })
    .addHelpText('after', `\nExample:\n  ${entry.example}`)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`  for example  ${entry.example}`)
    .action((words: string[], given: Record<string, unknown>) => {
      const options = withOneSpelling(entry, given)
      if (words.length < entry.least || words.length > entry.most)
        command.error(
          `error: expected ${`holdpoint ${entry.path} ${entry.words}`.trim()}, found ${words.length === 0 ? 'nothing after it' : `"${words.join('" "')}"`}`,
        )
      const swallowed = swallowedFlag(entry, options)
      if (swallowed !== null) command.error(`error: an option expects a value and found "${swallowed}"`)
      const missing = missingOption(entry, options)
      if (missing !== null) command.error(`error: required option '${missing}' not specified`)
      found({ entry, words, options })
    })
  for (const spec of entry.options) {
    command.addOption(optionOf(spec))
    if (spec.also !== undefined) command.addOption(optionOf(otherSpelling(spec, spec.also)).hideHelp())
  }
  return command
}

function otherSpelling(spec: OptionSpec, also: string): OptionSpec {
  return { ...spec, flags: spec.flags.replace(/^\S+/, also) }
}

function withOneSpelling({ options: specs }: CommandEntry, given: Record<string, unknown>): Record<string, unknown> {
  const options = { ...given }
  for (const spec of specs) {
    if (spec.also === undefined) continue
    const other = optionOf(otherSpelling(spec, spec.also)).attributeName()
    if (!(other in options)) continue
    options[optionOf(spec).attributeName()] ??= options[other]
    delete options[other]
  }
  return options
}

/** `--version --json` forgot the version: a value that is itself a flag of the command was never meant as a value. */
function swallowedFlag(entry: CommandEntry, options: Readonly<Record<string, unknown>>): string | null {
  const flags = new Set(
    entry.options.flatMap(({ flags: spelled }) => spelled.split(/[ ,]+/).filter((part) => part.startsWith('-'))),
  )
  return (
    Object.values(options)
      .flat()
      .find((value): value is string => typeof value === 'string' && flags.has(value)) ?? null
  )
}

/** Not left to commander: it would ask for the options of `worker` when `worker list` is meant. */
function missingOption({ options: specs }: CommandEntry, options: Readonly<Record<string, unknown>>): string | null {
  return specs.find((spec) => spec.required && !(optionOf(spec).attributeName() in options))?.flags ?? null
}

function optionOf({ flags, about, choices, repeats }: OptionSpec): Option {
  const option = new Option(flags, about)
  if (choices) option.choices(choices)
  if (repeats) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
  return option
}

/** `answer [RELEASE] STEP ANSWER`, as people type it. */
function termOf(command: Command): string {
  const group = command.parent?.parent ? `${command.parent.name()} ` : ''
  const entry = commandTable.find((one) => one.path === `${group}${command.name()}`)
  return `${command.name()} ${entry?.words ?? (command.commands.length > 0 ? '...' : '')}`.trim()
}

export { CommanderError }
