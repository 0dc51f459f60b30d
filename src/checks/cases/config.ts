/** What the contract asks of `config`. */
import type { CheckCases } from '../checks.contract.ts'
import { place, root } from '../parts/broken-world.fixture.ts'

const drip = { files: undefined, url: 'http://127.0.0.1:{{ port }}/drip', required: ['on'] }
const powers = {
  root,
  get variables() {
    return { port: String(place.port) }
  },
}

export const cases: CheckCases = {
  config: { files: ['.env'] },
  broken: [
    { name: 'the file is gone', powers: { root } },
    { name: 'the file is none of its kind', config: { files: ['garbage.xml'], format: 'yaml' }, powers: { root } },
    { name: 'nobody knows what the file is', config: { files: ['garbage.xml'] }, powers: { root } },
    { name: 'the declared values are gone', config: { 'same-as': 'flags.json' }, powers: { root } },
    {
      name: 'the service of flags is broken',
      config: { ...drip, url: 'http://127.0.0.1:{{ port }}/steer' },
      powers,
    },
    { name: 'nothing of the source is there', config: { files: undefined, source: ['src/**'] }, powers: { root } },
  ],
  hangs: { config: drip, powers },
}
