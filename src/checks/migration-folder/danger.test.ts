/** Which statements destroy, which only add, and that whatever is not known is never taken for harmless. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dangersOf } from './danger.ts'
import { statementsOf } from './statements.ts'

describe('a statement', () => {
  test.each([
    'create table orders (id int primary key, shop int references shops on delete cascade on update cascade)',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON orders (id)',
    "alter table only shop.orders add column note text, add constraint c check (note in ('drop table x', 'b'))",
    'alter table orders alter column note set not null, alter note drop default, drop constraint c',
    'alter table "orders" validate constraint c',
    "alter type state add value if not exists 'late'",
    'create or replace function f() returns int language sql as $$ delete from orders; select 1 $$',
    'create trigger t before delete or update on orders for each row execute function f()',
    "insert into orders values (1, 'it; drop table x') on conflict do nothing",
    "comment on table orders is 'truncate me -- not'",
    "select pg_catalog.set_config('search_path', '', false)",
    'begin; create table a (); commit',
    'drop index concurrently if exists a',
    '/* drop /* table */ a */ create view v as select 1 -- drop table a;',
    'create table copied as select * from orders for update',
  ])('adds: %s', (statement) => expect(dangersOf(statement)).toEqual([]))

  test.each([
    ['drop table if exists orders', 'drops a table'],
    ['DROP/**/SCHEMA shop cascade', 'drops a schema'],
    ['alter table orders add a int, drop column if exists b', 'drops a column'],
    ['alter table if exists only "a b".orders drop b', 'drops a column'],
    ['alter table orders alter column a type bigint', 'changes the type of a column'],
    ['alter table orders alter a set data type bigint using a::bigint', 'changes the type of a column'],
    ['alter table orders rename column a to b', 'renames what the version in use knows by its old name'],
    ['truncate orders', 'empties a table'],
    ['delete from orders', 'deletes rows'],
    ['update orders set a = 1', 'overwrites rows'],
    [
      'with old as (delete from orders returning *) insert into archive select * from old',
      'deletes rows that are there',
    ],
    ['insert into a values (1) on conflict (id) do update set n = 2', 'updates rows that are there'],
    ['alter table a detach partition b', 'takes a partition out'],
    ["select 'it''s'; -- '\n drop table b", 'drops a table'],
    ["select E'\\'; --'; drop table b", 'drops a table'],
    ['alter type state rename to s', 'renames what the version in use knows by its old name'],
  ])('destroys: %s', (statement, why) =>
    expect(dangersOf(statement).map((each) => [each.kind, each.why])).toEqual([['destroys', why]]),
  )

  test.each([
    "do $$ begin execute 'drop table a'; end $$",
    'call clean_up()',
    'select clean_up()',
    'select "clean up"()',
    "create table a (n text default 'open",
    '\\i other.sql',
    "copy a to program 'id'",
    'alter system set fsync = off',
    'alter table a frobnicate',
    'create function f() returns void begin atomic delete from a; end',
    'explain analyze delete from a',
    'rollback',
    'set standard_conforming_strings = off',
    'nonsense',
  ])('is never taken for harmless: %s', (statement) =>
    expect(dangersOf(statement).map(({ kind }) => kind)).toEqual(['unknown']),
  )
})

test('any drop behind any text, name, comment or body is found', () => {
  const quiet = fc.constantFrom(
    "'a;b''c'",
    '"a;b"',
    '$$ ; $$',
    "$q$ $$ ; ' $q$",
    "-- ; '\n",
    '/* ; /* \' */ " */',
    'a',
    '1',
    ',',
  )
  fc.assert(
    fc.property(fc.array(quiet), fc.array(quiet), (before, after) => {
      const script = `insert into t values ${before.join(' ')} ; drop table t ${after.join(' ')}`
      expect(dangersOf(script).map(({ why }) => why)).toEqual(['drops a table'])
    }),
  )
})

test('reading any text ends, and loses no statement that destroys at its start', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(statementsOf(`truncate t; ${text}`)[0]?.words).toEqual(['truncate', 't'])
    }),
  )
})
