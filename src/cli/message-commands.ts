/** Messages of a release, a verb each, and how one would read before there is any. */
import type { CommandEntry, OptionSpec } from './command-entry.ts'
import { engine, json } from './common-options.ts'

const reason: OptionSpec = { flags: '--reason <why>', about: 'why, for the record', required: true }
const role: OptionSpec = { flags: '--role <role>', about: 'the role you act in', required: true }
const verbs = () => import('./commands/message.ts')

const ofOne = { words: '[RELEASE] MESSAGE', least: 1, most: 2 } as const

export const messageCommands: readonly CommandEntry[] = [
  {
    path: 'message list',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'messages of a release: what was sent, what failed, what waits for a person',
    example: 'holdpoint message list',
    options: [...engine],
    load: async () => (await verbs()).list,
  },
  {
    path: 'message show',
    ...ofOne,
    about: 'one message whole; MESSAGE is its number in the list, or its id',
    example: 'holdpoint message show 3',
    options: [...engine],
    load: async () => (await verbs()).show,
  },
  {
    path: 'message send',
    ...ofOne,
    about: 'let a draft go, or try one that failed once more',
    example: 'holdpoint message send 3',
    options: [...engine],
    load: async () => (await verbs()).send,
  },
  {
    path: 'message edit',
    ...ofOne,
    about: 'change a message before it is sent; without --text in your $EDITOR',
    example: "holdpoint message edit 3 --text 'Checkout is slower for some users; we are on it.'",
    options: [
      { flags: '--text <text>', about: 'the new text' },
      { flags: '--text-file <file>', about: 'the new text from a file; - reads standard input' },
      { flags: '--subject <subject>', about: 'the new subject' },
      ...engine,
    ],
    load: async () => (await verbs()).edit,
  },
  {
    path: 'message drop',
    ...ofOne,
    about: 'send nothing, or try no more, with the reason; a required message is waived instead',
    example: "holdpoint message drop 3 --reason 'users see no change'",
    options: [reason, ...engine],
    load: async () => (await verbs()).drop,
  },
  {
    path: 'message confirm',
    ...ofOne,
    about: 'say that they were told another way, with evidence',
    example: "holdpoint message confirm 3 --note 'called the support lead at 14:05'",
    options: [
      { flags: '--note <text>', about: 'how they were told', required: true },
      { flags: '--evidence <file>', about: 'a file to keep as evidence', repeats: true },
      ...engine,
    ],
    load: async () => (await verbs()).confirm,
  },
  {
    path: 'message waive',
    ...ofOne,
    about: 'go on although a required message was not sent; listed in the report',
    example: "holdpoint message waive 3 --role lead --reason 'status page is down, users see no change'",
    options: [
      role,
      reason,
      { flags: '--sign <keyfile>', about: 'sign with this SSH key; a protected environment needs it' },
      ...engine,
    ],
    load: async () => (await verbs()).waive,
  },
  {
    path: 'message preview',
    words: 'FILE',
    least: 1,
    most: 1,
    about: 'how the messages of a checklist read, with values you give; sends nothing',
    example: "holdpoint message preview RELEASE.md --version v1.2.3 --set metric.errors='0.3%'",
    options: [
      { flags: '--set <name=value>', about: 'what stands for a name, as it is to be written', repeats: true },
      { flags: '--on <event>', about: 'only messages about this event' },
      { flags: '--version <version>', about: 'the version; another word for --set version=…' },
      { flags: '--env <environment>', about: 'the environment; another word for --set environment=…' },
      json,
    ],
    load: async () => (await import('./commands/message-preview.ts')).preview,
  },
  {
    path: 'release messages',
    words: '[RELEASE]',
    least: 0,
    most: 1,
    about: 'the same as "message list"',
    example: 'holdpoint release messages',
    options: [...engine],
    load: async () => (await verbs()).list,
  },
]
