/** What the contract asks of `aws-logs`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws({ region: 'eu-west-1', group: '/shop', last: '15m', forbid: 'error' }, [
  '{}',
  '{"events":[]}',
  '{"events":[],"nextToken":"x"}',
])
