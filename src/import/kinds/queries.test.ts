/** A query is a check where its words say what the answer must be, and the document which database it has. */
import { describe, expect, test } from 'vitest'
import { readOutline } from '../outline.ts'
import { queryBlock } from './queries.ts'

const shop = readOutline('The shop keeps its orders in PostgreSQL.\n')

describe('is asked', () => {
  test.for([
    [
      'No order hangs',
      'SELECT count(*) FROM orders;',
      'sql check on=database expect="value == 0"\nSELECT count(*) FROM orders\n',
    ],
    ['There are no open refunds', "select id from refunds where state = 'open'", 'expect="count == 0"'],
    ['Test customers exist', 'SELECT id FROM customers WHERE test', 'expect="count > 0"'],
    [
      'Migrations applied',
      'SELECT * FROM _sqlx_migrations;',
      'kind: migrations\non: database\nfolder: "{{ input.migrations_folder }}"\nlayout: sqlx\nmax-pending: 0',
    ],
  ] as const)('%s', ([words, query, part]) => expect(queryBlock(query, words, shop)?.block).toContain(part))
})

test.for([
  ['Look at the orders', 'SELECT * FROM orders'],
  ['Tables exist', 'SELECT table_name FROM information_schema.tables'],
  ['Orders exist', 'SELECT count(*) FROM orders'],
  ['Orders do not exist twice', 'SELECT id FROM orders'],
  ['No old carts', 'DELETE FROM carts'],
  ['No old carts', 'SELECT 1; DROP TABLE carts'],
  ['No events in ClickHouse', 'SELECT count(*) FROM events'],
] as const)('what is right is not said, or not this database: %s `%s`', ([words, query]) =>
  expect(queryBlock(query, words, shop)).toBeNull(),
)

test('nobody knows which database it is', () => {
  const query = 'SELECT count(*) FROM orders'
  expect(queryBlock(query, 'No orders', readOutline('It has a database.\n'))).toBeNull()
  expect(queryBlock(query, 'No orders', readOutline('From MySQL to PostgreSQL.\n'))).toBeNull()
})
