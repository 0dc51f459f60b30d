/** What the contract asks of `tcp`. */
import type { CheckCases } from '../checks.contract.ts'

export const cases: CheckCases = {
  config: { host: '127.0.0.1', port: 1 },
  broken: [{ name: 'nobody listens' }],
  hangs: { config: { host: '192.0.2.1', port: 9 } },
}
