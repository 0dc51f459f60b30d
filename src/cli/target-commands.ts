/** Targets and their lines, a verb each. */
import type { CommandEntry } from './command-entry.ts'
import { engine } from './common-options.ts'

export const targetCommands: readonly CommandEntry[] = [
  {
    path: 'targets',
    words: '',
    least: 0,
    most: 0,
    about: 'who holds each target and shared lock, since when, doing what, and who stands in line',
    example: 'holdpoint targets --service checkout',
    options: [
      { flags: '--service <service>', about: 'only of this service' },
      { flags: '--env <environment>', about: 'only in this environment' },
      ...engine,
    ],
    load: async () => (await import('./commands/targets.ts')).targets,
  },
  {
    path: 'release leave-queue',
    words: 'RELEASE',
    least: 1,
    most: 1,
    about: 'take a start out of the line for its target; nothing of it began',
    example: "holdpoint release leave-queue checkout-1.2.3-k7f2 --reason 'the fix is not needed'",
    options: [{ flags: '--reason <why>', about: 'why, for those who look later' }, ...engine],
    load: async () => (await import('./commands/targets.ts')).leaveQueue,
  },
]
