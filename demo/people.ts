/** The people of the demo. They are scripted, and the report says so. */
import type { CommandOf } from '../src/core/release/commands.ts'

export interface Deed {
  readonly who: string
  /** The step it is for, by the words at the end of its id. */
  readonly step: string
  /** What they ask of the release, once the step waits for it. */
  readonly ask: (step: string) => CommandOf<'Answer'> | CommandOf<'Approve'>
}

/** In the order of the checklist; two approvals by two people. */
export const demoPeople: readonly Deed[] = [
  answers(
    'ben',
    'a-restored-backup-was-tried-in-the-last-month',
    'passed',
    'Restored into staging this morning, 41 s.',
  ),
  answers('cleo', 'support-knows-what-changes-today', 'yes', 'Told at the stand-up.'),
  answers('cleo', 'the-numbers-of-today-are-written-down', 'passed', null, { open_tickets: '3' }),
  approves('ana', 'two-engineers-want-this-release'),
  approves('ben', 'two-engineers-want-this-release'),
]

function answers(
  who: string,
  step: string,
  answer: string,
  note: string | null,
  fields: Readonly<Record<string, string>> = {},
): Deed {
  return { who, step, ask: (id) => ({ kind: 'Answer', step: id, answer, note, fields, evidence: [] }) }
}

function approves(who: string, step: string): Deed {
  const ask = (id: string): CommandOf<'Approve'> => ({
    kind: 'Approve',
    step: id,
    role: 'engineer',
    digest: null,
    typed: null,
    note: null,
  })
  return { who, step, ask }
}
