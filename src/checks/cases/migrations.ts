/** What the contract asks of `migrations`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

mkdirSync(join(root, 'migrations'))
writeFileSync(join(root, 'migrations', '001_orders.sql'), 'create table orders ();')

const dead = { kind: 'postgres', config: { url: 'postgres://holdpoint@127.0.0.1:1/orders' } }

export const cases: CheckCases = {
  config: { on: 'orders', folder: 'migrations', layout: 'plain', table: 'schema_migrations' },
  broken: [
    { name: 'the folder is gone', config: { folder: 'no/such' } },
    { name: 'the folder lies elsewhere', config: { folder: '../..' } },
    { name: 'nothing in the folder is a migration', config: { folder: '.' }, powers: { root } },
    { name: 'the source is not declared', powers: { root } },
    { name: 'nobody listens there', powers: { root, source: () => dead } },
    { name: 'the source is no PostgreSQL', powers: { root, source: () => ({ kind: 'sqlite', config: {} }) } },
  ],
  hangs: null,
}
