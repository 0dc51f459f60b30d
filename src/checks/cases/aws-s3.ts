/** What the contract asks of `aws-s3`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const answer =
  (status: number, body: string): (() => Promise<Response>) =>
  () =>
    Promise.resolve(new Response(body, { status }))

export const cases: CheckCases = {
  config: {
    region: 'eu-west-1',
    bucket: 'acme-backups',
    prefix: 'postgres/',
    'newer-than': '24h',
    endpoint: 'http://127.0.0.1:1',
  },
  broken: [
    { name: 'nobody listens there' },
    { name: 'there is no bucket', powers: { http: answer(404, '<Error><Code>NoSuchBucket</Code></Error>') } },
    { name: 'AWS refuses', powers: { http: answer(403, '<Error><Code>AccessDenied</Code></Error>') } },
    { name: 'the answer is a page', powers: { http: answer(200, '<html>') } },
    { name: 'the answer is another document', powers: { http: answer(200, '<a/>') } },
    {
      name: 'the list does not end as it should',
      powers: { http: answer(200, '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>') },
    },
    {
      name: 'the list has no times',
      powers: {
        http: answer(
          200,
          '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>postgres/a</Key></Contents></ListBucketResult>',
        ),
      },
    },
  ],
  hangs: {
    config: {
      get endpoint() {
        return `http://127.0.0.1:${place.port}`
      },
    },
  },
}
