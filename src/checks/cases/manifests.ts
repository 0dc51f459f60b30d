/** What the contract asks of `manifests`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'

export const cases: CheckCases = {
  config: { path: 'k8s/*.yaml' },
  broken: [
    { name: 'there is no file', powers: { root } },
    { name: 'the file is garbage', config: { path: 'garbage.xml' }, powers: { root } },
    { name: 'the file is no manifest', config: { path: 'empty.db' }, powers: { root } },
    { name: 'the path leads outside', config: { path: '../../etc/passwd' }, powers: { root } },
  ],
  hangs: null,
}
