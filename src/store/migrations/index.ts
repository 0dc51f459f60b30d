/** All schema steps in order; a new one is a file and a line here. */
import { first } from './001-first.ts'
import { smallEvidence } from './002-small-evidence.ts'
import { entries } from './003-entries.ts'
import type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = [first, smallEvidence, entries]
