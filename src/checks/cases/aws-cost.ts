/** What the contract asks of `aws-cost`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws({ days: 2, max: 10 }, [
  '{"ResultsByTime":[]}',
  '{"ResultsByTime":[{"TimePeriod":{"Start":"x","End":"y"},"Total":{}}]}',
])
