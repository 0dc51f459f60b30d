/** What the contract asks of `freeze`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

export const cases: CheckCases = {
  config: { files: ['migrations/**'] },
  broken: [
    { name: 'the folder is no repository', config: { cwd: root, since: 'HEAD' } },
    { name: 'nobody knows a commit to compare with' },
    {
      name: 'the launcher lost it',
      config: { since: 'HEAD' },
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    {
      name: 'git says nothing at all',
      config: { since: 'HEAD' },
      powers: { command: () => Promise.resolve(ended({ exitCode: 0 })) },
    },
    {
      name: 'the commit would be an option',
      config: { since: '{{ tag }}' },
      powers: { variables: { tag: '--all' } },
    },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
