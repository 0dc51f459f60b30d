/** What the contract asks of `aws-lambda`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws({ region: 'eu-west-1', function: 'shop', alias: 'live' }, [
  '{}',
  '{"FunctionVersion":"1","RevisionId":"r"}',
  'null',
])
