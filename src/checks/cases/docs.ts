/** What the contract asks of `docs`. */
import type { CheckCases } from '../checks.contract.ts'
import { place, root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { files: ['README.md'] },
  broken: [
    { name: 'the page is gone', powers: { root } },
    {
      name: 'the page is none',
      config: { files: ['garbage.xml'], sections: { 'garbage.xml': ['x'] } },
      powers: { root },
    },
    {
      name: 'the document is at an address where nobody listens',
      config: { openapi: { document: 'http://127.0.0.1:1/openapi.json', service: 'http://127.0.0.1:1' } },
      powers: { root },
    },
    { name: 'no page has links', config: { files: undefined, links: ['*.md'] }, powers: { root } },
  ],
  hangs: {
    config: {
      files: undefined,
      get openapi() {
        const there = `http://127.0.0.1:${place.port}`
        return { document: `${there}/openapi.json`, service: there }
      },
    },
    powers: { root },
  },
}
