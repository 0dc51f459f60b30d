/** What the contract asks of `aws-s3`. */
import type { CheckCases } from '../checks.contract.ts'
import { brokenAws } from '../aws-state/broken.fixture.ts'

export const cases: CheckCases = brokenAws(
  { region: 'eu-west-1', bucket: 'acme-backups', prefix: 'postgres/', 'newer-than': '24h' },
  [
    '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>',
    '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
    '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>postgres/a</Key></Contents></ListBucketResult>',
  ],
)
