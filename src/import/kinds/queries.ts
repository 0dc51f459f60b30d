/** Queries that a step names as checks of the database, where its words say what the answer must be. */
import type { Outline } from '../item.ts'
import { check, input, type OwnBlock } from './block.ts'
import { namesOf } from './document-names.ts'

/** Tables in which tools keep what has run. */
const layouts: readonly (readonly [table: RegExp, layout: string])[] = [
  [/\bfrom\s+_sqlx_migrations\b/i, 'sqlx'],
  [/\bfrom\s+"?_prisma_migrations"?/i, 'prisma'],
  [/\bfrom\s+flyway_schema_history\b/i, 'flyway'],
]
const reads = /^select\b[^;{}$`]*$/i
const applied = /\bmigrations?\b.{0,20}\b(?:applied|up[- ]to[- ]date|ran|run|completed?)\b/i
const none = /^(?:there (?:is|are) )?(?:no|zero)\b/i
const some = /\b(?:exists?|is there|are there|present|available|visible)\b/i

/** null = which answer is right is not said, or which database is asked. */
export function queryBlock(query: string, words: string, outline: Outline): OwnBlock | null {
  const statement = query.trim().replace(/\s*;$/, '')
  if (!namesOf(outline).isOnPostgres || /\bclickhouse\b/i.test(words) || !reads.test(statement)) return null
  const layout = applied.test(words) ? layouts.find(([table]) => table.test(statement))?.[1] : undefined
  if (layout !== undefined) return migrated(layout)
  if (/\b(?:not|n['’]t|except|only)\b/i.test(words)) return null
  if (none.test(words))
    return asked(
      statement,
      /^select\s+count\s*\(/i.test(statement) ? 'value == 0' : 'count == 0',
      'Any row is wrong here.',
    )
  // Such tables always have rows.
  if (/\b(?:information_schema|pg_\w+)\b/i.test(statement) && !/\bwhere\b/i.test(statement)) return null
  return some.test(words) && !/^select\s+count\s*\(/i.test(statement)
    ? asked(statement, 'count > 0', 'One row at least has to be there.')
    : null
}

function asked(statement: string, expect: string, remark: string): OwnBlock {
  return { block: `\`\`\`sql check on=database expect="${expect}"\n${statement}\n\`\`\``, risk: 'reads', remark }
}

function migrated(layout: string): OwnBlock {
  return {
    block: check('migrations', [
      ['on', 'database'],
      ['folder', input('migrations_folder')],
      ['layout', layout],
      ['max-pending', 0],
    ]),
    risk: 'reads',
    remark: 'What is in the folder and not in the table is pending.',
  }
}
