/** What the contract asks of `dns`. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: { name: 'shop.example', host: '127.0.0.1', port: 1 },
  broken: [
    { name: 'nobody answers' },
    { name: 'the name is none', config: { name: '{{ name }}' }, powers: { variables: { name: '..' } } },
  ],
  hangs: { config: { host: '192.0.2.1', port: 53 } },
}
