/** What the contract asks of `aws-cloudwatch`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws({ region: 'eu-west-1', alarms: 'all' }, [
  '<R><DescribeAlarmsResult/></R>',
  '<R><DescribeAlarmsResult><MetricAlarms><member/></MetricAlarms></DescribeAlarmsResult></R>',
])
