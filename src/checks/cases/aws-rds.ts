/** What the contract asks of `aws-rds`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws(
  { region: 'eu-west-1', instance: 'shop', 'retention-days': 7, 'snapshot-newer-than': '1d' },
  [
    '<R><DescribeDBInstancesResult><DBInstances/></DescribeDBInstancesResult></R>',
    '<R><DescribeDBInstancesResult><DBInstances><DBInstance/></DBInstances></DescribeDBInstancesResult></R>',
  ],
)
