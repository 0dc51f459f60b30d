/** The commands by which somebody lets another act in a role of theirs. */
import type { CommandEntry } from './command-entry.ts'
import { json, store } from './common-options.ts'

const delegations = () => import('./commands/delegations.ts')
const reason = { flags: '--reason <why>', about: 'why, for the record', required: true }

export const delegationCommands: readonly CommandEntry[] = [
  {
    path: 'people delegate',
    words: 'ROLE',
    least: 1,
    most: 1,
    about: 'let somebody sign in a role of yours while you are away; it ends by itself, and with the role',
    example: "holdpoint people delegate qa-lead --to bo --for 14d --reason 'on holiday'",
    options: [
      { flags: '--to <person>', about: 'who signs in your place', required: true },
      { flags: '--for <duration>', about: 'for how long, at most 92 days' },
      { flags: '--until <date>', about: 'until when, instead: 2026-12-24 or 2026-12-24T08:00Z' },
      { flags: '--starts <date>', about: 'from when on (default: now)' },
      { flags: '--from <person>', about: 'whose role it is, for who manages them (default: yours)' },
      reason,
      json,
      store,
    ],
    load: async () => (await delegations()).delegate,
  },
  {
    path: 'people delegations',
    words: '',
    least: 0,
    most: 0,
    about: 'who signs in whose place: yours, and those of whom you manage',
    example: 'holdpoint people delegations',
    options: [json, store],
    load: async () => (await delegations()).list,
  },
  {
    path: 'people end-delegation',
    words: 'ID',
    least: 1,
    most: 1,
    about: 'end one at once',
    example: "holdpoint people end-delegation 3f2a51c09be1 --reason 'back from holiday'",
    options: [reason, json, store],
    load: async () => (await delegations()).end,
  },
]
