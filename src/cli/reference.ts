/** docs/cli.md, made from the command table: every command and option once, each with its example. */
import type { CommandEntry } from './command-entry.ts'
import { commandTable, groups } from './command-table.ts'

export function cliReference(): string {
  return [
    '# The command line',
    '',
    'Installed it is `holdpoint …`; in a checkout, after `npm ci`, `./bin/holdpoint.js …`. This page is made from the commands themselves.',
    '',
    'A RELEASE is its id or the beginning of one, and may be left out when exactly one is open. A STEP is its id, the beginning or end of one, or words of its text; what fits more than one is listed.',
    'Every command is a client of one local engine, which it starts when none runs. The engine goes on when the terminal is closed: Ctrl-C only detaches.',
    '',
    ...exitCodes(),
    ...output(),
    ...gathered(commandTable).flatMap((entry, index, all) => [...heading(entry, all[index - 1]), ...section(entry)]),
  ].join('\n')
}

/** Commands of one first word stand together, where the first of them stands in the table. */
function gathered(table: readonly CommandEntry[]): readonly CommandEntry[] {
  const firstWords = [...new Set(table.map(firstWord))]
  return firstWords.flatMap((word) => table.filter((entry) => firstWord(entry) === word))
}

function firstWord({ path }: CommandEntry): string {
  return path.split(' ')[0] ?? ''
}

function exitCodes(): readonly string[] {
  return [
    '## Exit codes',
    '',
    '| Code | Meaning |',
    '| --- | --- |',
    '| 0 | done: released and validating (`--until closed`: closed), valid, passed |',
    '| 1 | the answer is no: failed, rolled back, refused, lint findings, verify failed |',
    '| 2 | wrong usage, settings that a server cannot start with, or a document that does not compile |',
    '| 3 | waiting for a person or a time, without a terminal; the output lists what for, and the command for each |',
    '| 4 | our own fault, or no engine can be reached |',
    '| 130 | interrupted: the release goes on; the message says how to return |',
    '',
  ]
}

function output(): readonly string[] {
  return [
    '## Output',
    '',
    '`--json` prints one JSON document on stdout and nothing else; progress goes to stderr. Without a terminal there are plain lines, no colour and no cursor movement; `NO_COLOR` turns colour off on a terminal too.',
    'Control characters in text from outside are shown (`\\x1b`), never obeyed.',
    '',
  ]
}

function heading(entry: CommandEntry, before: CommandEntry | undefined): readonly string[] {
  const group = groupOf(entry)
  // A command with commands below it is its own heading.
  if (group === null || before?.path === group) return []
  return before && groupOf(before) === group ? [] : [`## holdpoint ${group}`, '', sentence(groups[group] ?? ''), '']
}

function groupOf({ path }: CommandEntry): string | null {
  const [first = '', second] = path.split(' ')
  return second === undefined ? null : first
}

function section(entry: CommandEntry): readonly string[] {
  const options = entry.options.map(({ flags, about, choices, required }) => {
    const notes = [
      choices && !about.includes(choices[0] ?? '') ? `one of ${choices.join(', ')}` : '',
      required ? 'required' : '',
    ].filter((part) => part !== '')
    return `| \`${flags}\` | ${about}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} |`
  })
  return [
    `${groupOf(entry) === null ? '##' : '###'} holdpoint ${`${entry.path} ${entry.words}`.trim().replaceAll('|', '\\|')}`,
    '',
    sentence(entry.about),
    '',
    '```sh',
    entry.example,
    '```',
    '',
    ...(options.length > 0 ? ['| Option | |', '| --- | --- |', ...options, ''] : []),
  ]
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`
}
