/** All schema steps on PostgreSQL in order; a new one is a file and a line here. */
import { tables } from './001-tables.ts'
import { functions } from './002-functions.ts'
import type { PostgresMigration } from './migration.ts'

export const postgresMigrations: readonly PostgresMigration[] = [tables, functions]
