/** What the contract asks of `version`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

const variables = { version: '1.4.0', previous: '' }

export const cases: CheckCases = {
  config: { files: ['package.json'] },
  broken: [
    { name: 'the manifest is gone', powers: { root, variables } },
    { name: 'the manifest is none', config: { files: ['garbage.xml'] }, powers: { root, variables } },
    { name: 'nothing served before', config: { files: [], after: '{{ previous }}' }, powers: { root, variables } },
    { name: 'there is no version', config: { files: [] }, powers: { root } },
  ],
  hangs: null,
}
