/** What the contract asks of `git`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { clean: true },
  broken: [
    { name: 'the folder is no repository', config: { cwd: root } },
    {
      name: 'the launcher lost it',
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    {
      name: 'git says nothing at all',
      powers: { command: () => Promise.resolve(ended({ exitCode: 0 })) },
    },
    { name: 'the tag would be an option', config: { tag: '{{ tag }}' }, powers: { variables: { tag: '--help' } } },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
