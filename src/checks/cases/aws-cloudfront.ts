/** What the contract asks of `aws-cloudfront`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws({ distribution: 'E2EXAMPLE' }, [
  '<Distribution/>',
  '<Distribution><Status>Deployed</Status></Distribution>',
  '<Distribution><Status>Deployed</Status><DistributionConfig/></Distribution>',
])
