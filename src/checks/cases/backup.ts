/** What the contract asks of `backup`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { files: `${root}/*.dump`, 'newer-than': '1d' },
  broken: [
    { name: 'there is no backup' },
    { name: 'the folder is gone', config: { files: `${root}/no/such/*.dump` } },
    { name: 'nobody can tell what it is', config: { files: `${root}/garbage.xml`, settled: '0ms' } },
    { name: 'its age has no limit in this environment', config: { 'newer-than': { production: '1h' } } },
    {
      name: 'the launcher lost it',
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    { name: 'its program says nothing at all', powers: { command: () => Promise.resolve(ended({ exitCode: 0 })) } },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
