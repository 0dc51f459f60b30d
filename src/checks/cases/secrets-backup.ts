/** What the contract asks of `secrets-backup`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { files: `${root}/*.age`, decrypt: 'cat', 'newer-than': '1d' },
  broken: [
    { name: 'there is no backup' },
    { name: 'the folder is gone', config: { files: `${root}/no/such/*.age` } },
    {
      name: 'the launcher lost it',
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    { name: 'its program says nothing at all', powers: { command: () => Promise.resolve(ended({ exitCode: 0 })) } },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
