/** What the contract asks of `aws-s3-sync`: a folder, and a bucket that has other things. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionCases } from '../actions.contract.ts'
import { awsWorld, bucketOf, storedAt } from '../parts/aws.fixture.ts'

export const cases: ActionCases = {
  world: () =>
    awsWorld(
      { region: 'eu-west-1', from: 'dist', bucket: 'shop', delete: true, 'cache-control': 'max-age=60' },
      ({ buckets }, cwd) => {
        mkdirSync(join(cwd, 'dist', 'js'), { recursive: true })
        writeFileSync(join(cwd, 'dist', 'index.html'), '<p>new')
        writeFileSync(join(cwd, 'dist', 'js', 'app.js'), 'new')
        const bucket = bucketOf('eu-west-1')
        bucket.objects.set('js/old.js', storedAt('old', 0))
        bucket.objects.set('index.html', storedAt('<p>old', 0))
        buckets.set('shop', bucket)
      },
      ({ buckets }) => structuredClone(buckets),
    ),
  broken: [
    { name: 'there is no such folder', config: { from: 'gone' }, says: 'gone cannot be read: ENOENT' },
    { name: 'there is no such bucket', config: { bucket: 'gone' }, says: 'AWS refuses: NoSuchBucket' },
  ],
}
