/** What the contract asks of `docs`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { files: ['README.md'] },
  broken: [
    { name: 'the page is gone', powers: { root } },
    {
      name: 'the page is none',
      config: { files: ['garbage.xml'], sections: { 'garbage.xml': ['x'] } },
      powers: { root },
    },
    { name: 'no page has links', config: { files: undefined, links: ['*.md'] }, powers: { root } },
  ],
  hangs: null,
}
