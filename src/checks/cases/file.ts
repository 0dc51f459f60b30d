/** What the contract asks of `file`. */
import { join } from 'node:path'
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { path: 'garbage.xml' },
  broken: [
    { name: 'the folder is gone', powers: { root: join(root, 'gone') } },
    { name: 'the file is gone', config: { path: 'gone' }, powers: { root } },
  ],
  hangs: null,
}
