/** Our reading of PostgreSQL's language, held against PostgreSQL's own parser: whatever that calls destructive is never harmless here. */
import fc from 'fast-check'
import { loadModule, parseSync } from 'libpg-query'
import { beforeAll, expect, test } from 'vitest'
import { dangersOf } from './danger.ts'
import { statementsOf } from './statements.ts'

beforeAll(() => loadModule())

type Node = Readonly<Record<string, unknown>>

const harmlessToDrop = ['OBJECT_INDEX', 'OBJECT_TRIGGER']
const destroyingActions = [
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_DetachPartition',
  'AT_SetUnLogged',
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableRule',
]
/** Statements that take something away wherever they stand, and those that may do anything. */
const destroying = ['TruncateStmt', 'DeleteStmt', 'UpdateStmt', 'MergeStmt', 'RenameStmt', 'AlterObjectSchemaStmt']
const opaque = [
  'DoStmt',
  'CallStmt',
  'CopyStmt',
  'AlterSystemStmt',
  'RuleStmt',
  'ExecuteStmt',
  'PrepareStmt',
  'DropOwnedStmt',
]

/** Everything inside, with the name of its kind. What a function does when it is called is its body, a text. */
function* nodesIn(value: unknown): Iterable<readonly [string, Node]> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) yield [key, inner as Node]
    yield* nodesIn(inner)
  }
}

function isHarmful(statement: unknown): boolean {
  return [...nodesIn(statement)].some(
    ([kind, node]) =>
      destroying.includes(kind) ||
      opaque.includes(kind) ||
      (kind === 'DropStmt' && !harmlessToDrop.includes(String(node['removeType']))) ||
      (kind === 'AlterTableCmd' && destroyingActions.includes(String(node['subtype']))) ||
      (kind === 'onConflictClause' && node['action'] === 'ONCONFLICT_UPDATE') ||
      (kind === 'GrantStmt' && node['is_grant'] !== true),
  )
}

const name = fc.constantFrom('t', 'shop.orders', '"T;x"', '"a""b"', 'ünï', 'public."drop"', '"delete from"')
const column = fc.constantFrom('a', '"drop column b"', '"B"', 'note')
const text = fc.constantFrom(
  "'a'",
  "'it''s; drop table x'",
  String.raw`E'\'; --'`,
  '$$ ; delete from a $$',
  "$q$ ' $$ ; $q$",
  "B'1'",
)
const space = fc.constantFrom(' ', '\n', ' /* ; */ ', ' -- drop table x;\n', '\t', " /* /* ; */ ' */ ")

const part = { N: name, C: column, T: text }

/** Words of ours, in which `N`, `C` and `T` stand for a name, a column and a text; comments and lines between them. */
function written(words: string): fc.Arbitrary<string> {
  const pieces = words.split(' ').map((word) => {
    const one = part[word as keyof typeof part]
    return one ?? fc.constantFrom(word, word.toUpperCase())
  })
  return fc.tuple(...pieces.flatMap((piece) => [piece, space])).map((all) => all.join(''))
}

const actions = [
  'add column C int',
  'add C text default T',
  'drop column C',
  'drop C cascade',
  'drop column if exists C',
  'alter column C type text',
  'alter C set data type bigint using C :: bigint',
  'alter column C set not null',
  'alter C drop default',
  'alter C set default T',
  'add constraint C check ( C <> T )',
  'drop constraint C',
  'validate constraint C',
  'disable trigger C',
  'disable trigger all',
  'disable rule C',
  'enable trigger C',
  'set unlogged',
  'set ( fillfactor = 70 )',
  'owner to C',
].map(written)

const altered = fc
  .tuple(
    fc.constantFrom('alter table N', 'alter table if exists N', 'alter table only N', 'alter table N *').chain(written),
    fc.array(fc.oneof(...actions), { minLength: 1, maxLength: 4 }),
  )
  .map(([head, all]) => `${head} ${all.join(',')}`)

const others = [
  'create table N ( C int primary key , note text default T , b int references t on delete cascade on update set null )',
  'create table N as select C from N for update',
  'create unique index concurrently if not exists C on N ( C )',
  'create or replace function N ( ) returns int language sql as T',
  'create trigger C before delete or update on N for each row execute function f ( )',
  'create rule C as on insert to N do instead delete from t',
  'create or replace view N as select C from t where C = T',
  'create materialized view N as select 1',
  'drop table if exists N , N cascade',
  'drop view N',
  'drop index concurrently if exists N',
  'drop trigger C on N',
  'drop schema C cascade',
  'drop type N',
  'drop materialized view N',
  'truncate table N , N',
  'truncate only N',
  'delete from only N where C = T',
  'update N set C = T',
  'update only N as x set C = T from t',
  'insert into N ( C ) values ( T )',
  'insert into N values ( T ) on conflict do nothing',
  'insert into N values ( T ) on conflict ( C ) do update set C = T',
  'with x as ( delete from N returning * ) insert into t select * from x',
  'with x as ( update N set C = T returning C ) select * from x',
  'with x as ( insert into N values ( T ) returning C ) insert into t select * from x',
  'merge into N using t on true when matched then delete',
  'alter table N rename to C',
  'alter table N rename column C to C',
  'alter table N rename C to C',
  'alter index N rename to C',
  'alter table N set schema C',
  'alter table N detach partition N',
  'alter table N attach partition N default',
  'alter type N add value T',
  'alter type N rename to C',
  'revoke all on N from public',
  'grant select on N to public',
  'comment on table N is T',
  'do T',
  'call N ( )',
  'copy N from program T',
  'lock table N',
  'begin',
  'commit',
  'analyze N',
].map(written)

const script = fc
  .array(fc.oneof({ weight: 2, arbitrary: altered }, { weight: 3, arbitrary: fc.oneof(...others) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all) => all.join(';'))

function parsed(sql: string): readonly unknown[] | null {
  try {
    return (parseSync(sql) as { readonly stmts?: readonly unknown[] }).stmts ?? []
  } catch {
    return null
  }
}

test('statements end where they end for PostgreSQL, and what destroys is never taken for harmless', () => {
  let read = 0
  fc.assert(
    fc.property(script, (sql) => {
      const theirs = parsed(sql)
      if (theirs === null) return
      read += 1
      const ours = statementsOf(sql)
      expect(ours).toHaveLength(theirs.length)
      theirs.forEach((statement, index) => {
        const told = dangersOf(ours[index]?.text ?? '')
        expect([ours[index]?.text, isHarmful(statement) && told.length === 0]).toEqual([ours[index]?.text, false])
      })
    }),
    { numRuns: 2_000 },
  )
  // A generator of what PostgreSQL does not take would show nothing.
  expect(read).toBeGreaterThan(1_000)
})
