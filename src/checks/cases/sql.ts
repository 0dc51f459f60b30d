/** What the contract asks of `sql`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { on: 'orders', query: 'select 1' },
  broken: [
    { name: 'the source is not declared', powers: { expectation: 'true' } },
    {
      name: 'the file is no database',
      config: { query: 'select * from sqlite_master' },
      powers: { root, source: () => ({ kind: 'sqlite', config: { file: 'garbage.xml' } }), expectation: 'count >= 0' },
    },
  ],
  hangs: {
    config: { query: 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n' },
    powers: { root, source: () => ({ kind: 'sqlite', config: { file: 'empty.db' } }), expectation: 'true' },
  },
}
