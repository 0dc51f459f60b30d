/** What the contract asks of `log`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { path: 'app.log', forbid: 'ERROR' },
  broken: [
    { name: 'the log is gone', powers: { root } },
    { name: 'no line says its time', config: { path: 'garbage.xml', last: '5m' }, powers: { root } },
    { name: 'the log is empty', config: { path: 'empty.db', 'min-lines': 5 }, powers: { root } },
  ],
  hangs: null,
}
