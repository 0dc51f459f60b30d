/** The commands for the public status page of an organisation. */
import { incidentWords, statusWords } from '../core/plan/status-words.ts'
import type { CommandEntry, OptionSpec } from './command-entry.ts'
import { json, store } from './common-options.ts'

const common = [json, store] as const
const load = () => import('./commands/status.ts')
const title: OptionSpec = { flags: '--title <text>', about: 'what it is about, for everybody to read', required: true }
const words: OptionSpec = { flags: '--text <text>', about: 'what strangers read (default: a plain sentence)' }
const service: OptionSpec = { flags: '--service <name>', about: 'a service that is concerned', repeats: true }

/** What the group of these commands is about. */
export const statusGroups: Readonly<Record<string, string>> = {
  status: 'entries of the public status page: incidents, and maintenances that are announced before',
}

export const statusCommands: readonly CommandEntry[] = [
  {
    path: 'status list',
    words: 'ORGANISATION',
    least: 1,
    most: 1,
    about: 'entries of the status page, those included that strangers do not see yet',
    example: 'holdpoint status list acme',
    options: [...common],
    load: async () => (await load()).list,
  },
  {
    path: 'status open',
    words: 'ORGANISATION',
    least: 1,
    most: 1,
    about: 'tell strangers that something is wrong',
    example: "holdpoint status open acme --title 'Slow payments' --text 'We are looking into slow payments.'",
    options: [
      title,
      {
        flags: '--status <word>',
        about: 'how far it is (default investigating)',
        choices: incidentWords.slice(0, -1),
      },
      words,
      service,
      ...common,
    ],
    load: async () => (await load()).open,
  },
  {
    path: 'status schedule',
    words: 'ORGANISATION',
    least: 1,
    most: 1,
    about: 'announce a maintenance; it begins by itself at its time',
    example: "holdpoint status schedule acme --title 'Database upgrade' --from 2026-03-01T22:00Z --until 2h",
    options: [
      title,
      { flags: '--from <when>', about: 'when it begins: a time with its zone, or how long from now', required: true },
      { flags: '--until <when>', about: 'when it is over as planned: a time, or how long after it begins' },
      { flags: '--publish-at <when>', about: 'strangers see it from then on (default: at once)' },
      { flags: '--ends-itself', about: 'at --until it is completed by itself; else a person says when' },
      words,
      service,
      ...common,
    ],
    load: async () => (await load()).schedule,
  },
  {
    path: 'status update',
    words: 'ORGANISATION ENTRY',
    least: 2,
    most: 2,
    about: 'move an entry of the status page on, or say more about it',
    example:
      "holdpoint status update acme 3 --status identified --text 'A slow query; we are taking the release back.'",
    options: [{ flags: '--status <word>', about: 'how far it is now', choices: statusWords }, words, ...common],
    load: async () => (await load()).update,
  },
  {
    path: 'status end',
    words: 'ORGANISATION ENTRY',
    least: 2,
    most: 2,
    about: 'end an entry: an incident is resolved, a maintenance completed',
    example: "holdpoint status end acme 3 --text 'Payments are as fast as before.'",
    options: [words, ...common],
    load: async () => (await load()).end,
  },
  {
    path: 'status withdraw',
    words: 'ORGANISATION ENTRY',
    least: 2,
    most: 2,
    about: 'take an entry that was wrong off the page; it stays in the log',
    example: "holdpoint status withdraw acme 3 --reason 'written on the wrong page'",
    options: [{ flags: '--reason <text>', about: 'why', required: true }, ...common],
    load: async () => (await load()).withdraw,
  },
]
