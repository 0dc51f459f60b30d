/** What the contract asks of `log`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { path: 'app.log', forbid: 'ERROR' },
  broken: [
    { name: 'the log is gone', powers: { root } },
    { name: 'no line says its time', config: { path: 'garbage.xml', last: '5m' }, powers: { root } },
    { name: 'the log is empty', config: { path: 'empty.db', 'min-lines': 5 }, powers: { root } },
    {
      name: 'there is no journal',
      config: { path: undefined, journal: { unit: 'a', directory: '/no/such/journal' }, last: '5m' },
    },
    {
      name: 'the launcher lost the reading of the journal',
      config: { path: undefined, journal: { unit: 'a' }, last: '5m' },
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    {
      name: 'the log store is gone',
      config: { path: undefined, search: { loki: 'http://127.0.0.1:1', query: '{a="b"}' }, last: '5m' },
    },
    {
      name: 'the log store answers with a page',
      config: { path: undefined, search: { elasticsearch: 'http://127.0.0.1:1', index: 'a', query: '*' }, last: '5m' },
      powers: { http: () => Promise.resolve(new Response('<html>')) },
    },
    {
      name: 'the log store finds nothing',
      config: { path: undefined, search: { loki: 'http://127.0.0.1:1', query: '{a="b"}' }, last: '5m' },
      powers: {
        http: () => Promise.resolve(new Response('{"status":"success","data":{"resultType":"streams","result":[]}}')),
      },
    },
  ],
  hangs: null,
}
