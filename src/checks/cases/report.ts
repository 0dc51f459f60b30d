/** What the contract asks of `report`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { format: 'junit', path: 'garbage.xml' },
  broken: [
    { name: 'the report is garbage', powers: { root } },
    { name: 'there is no report', config: { path: 'gone.xml' }, powers: { root } },
  ],
  hangs: null,
}
