/** Actions of AWS beyond the contract: what is put last, what keys nobody could compare, and what is found again after a crash. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'
import { aliasThere, type AwsWorld, bucketOf, storedAt } from './parts/aws.fixture.ts'
import { cases as alias } from './cases/aws-lambda-alias.ts'
import { cases as config } from './cases/aws-cloudfront-config.ts'
import { cases as invalidate } from './cases/aws-cloudfront-invalidate.ts'
import { cases as snapshot } from './cases/aws-rds-snapshot.ts'
import { cases as sync } from './cases/aws-s3-sync.ts'
import type { Json } from '../core/units.ts'

let world: AwsWorld
afterEach(() => world.end())

const run = (kind: string, more: Record<string, Json> = {}, env: Record<string, string> = {}): Promise<ActionEnd> =>
  runActionProcess(kind, 'run', { ...world.config, ...more }, { ...world, env: { ...world.env, ...env } })

describe('aws-s3-sync', () => {
  const start = async (): Promise<void> => void (world = (await sync.world()) as AwsWorld)

  test('puts pages last, with types, and deletes what is left over after them', async () => {
    await start()
    expect(await run('aws-s3-sync')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('2 of 2 put, 1 deleted') as string,
    })
    const changes = world.server.asked.filter((line) => /Put|Delete/.test(line))
    expect(changes).toEqual(['s3:PutObject 200', 's3:PutObject 200', 's3:DeleteObject 204'])
    const objects = world.server.buckets.get('shop')?.objects
    expect([...(objects?.keys() ?? [])].toSorted()).toEqual(['index.html', 'js/app.js'])
    expect(objects?.get('index.html')).toMatchObject({
      type: 'text/html; charset=utf-8',
      given: { 'cache-control': 'max-age=60' },
    })
    const [script, page] = ['js/app.js', 'index.html'].map((key) => objects?.get(key)?.at ?? 0)
    expect(script).toBeLessThanOrEqual(page ?? 0)
  })

  test('knows its own files where KMS hides their hash', async () => {
    await start()
    Object.assign(world.server.buckets.get('shop') ?? {}, { encryption: 'aws:kms' })
    expect(await run('aws-s3-sync')).toMatchObject({ exitCode: 0 })
    const again = await run('aws-s3-sync')
    expect(again.stdout).toContain('shop had all 2 already')
  })

  test('a backup bucket goes over the one that is served', async () => {
    await start()
    const backup = bucketOf('eu-west-1')
    backup.objects.set('index.html', storedAt('<p>before', 1))
    world.server.buckets.set('shop-backup', backup)
    const { from: _from, ...config } = world.config
    world = { ...world, config }
    expect(await run('aws-s3-sync', { 'from-bucket': 'shop-backup' })).toMatchObject({ exitCode: 0 })
    const served = world.server.buckets.get('shop')?.objects
    expect([...(served ?? [])].map(([key, { bytes }]) => [key, bytes.toString()])).toEqual([
      ['index.html', '<p>before'],
    ])
    backup.objects.clear()
    expect((await run('aws-s3-sync', { 'from-bucket': 'shop-backup' })).stderr).toContain(
      'there is nothing in shop-backup',
    )
    expect(served?.size).toBe(1)
  })

  test('a file of any name arrives under it', async () => {
    await start()
    writeFileSync(join(world.cwd, 'dist', "ä b+c (1)'*!.txt"), 'x')
    expect(await run('aws-s3-sync')).toMatchObject({ exitCode: 0 })
    expect(world.server.buckets.get('shop')?.objects.has("ä b+c (1)'*!.txt")).toBe(true)
  })
})

test('aws-lambda-alias goes back to a version by its number, and tells which one it left', async () => {
  world = (await alias.world()) as AwsWorld
  const there = world.server.functions.get('shop-api')
  there?.aliases.set('live', aliasThere('2'))
  const forward = await run('aws-lambda-alias')
  expect(forward.captured).toEqual({ version: '3', previous_version: '2' })
  const back = await run('aws-lambda-alias', { version: '2' })
  expect(back.stdout).toContain('live of shop-api points to version 2, and pointed to 3')
  expect((await run('aws-lambda-alias', { version: '9' })).stderr).toContain('there is no version 9 of shop-api')
})

test('aws-cloudfront-invalidate is the same for every attempt of a step, and another for its undo', async () => {
  world = (await invalidate.world()) as AwsWorld
  const attempts = ['r-1/go/action-1', 'r-1/go/action-2', 'r-1/go/undo-3', 'r-1/back/action-1']
  const ids: string[] = []
  for (const attempt of attempts) {
    const { captured } = await run('aws-cloudfront-invalidate', {}, { HOLDPOINT_ATTEMPT: attempt })
    ids.push(captured['invalidation'] ?? '')
  }
  expect(ids[1]).toBe(ids[0])
  expect(new Set(ids).size).toBe(3)
})

test('aws-rds-snapshot waits for one that an attempt before began', async () => {
  world = (await snapshot.world()) as AwsWorld
  const begun = { database: 'instance:shop', type: 'manual', looks: 2, at: Date.now() }
  world.server.databases.snapshots.set('shop-before-1-4-0', begun)
  const ended = await run('aws-rds-snapshot')
  expect(ended).toMatchObject({ exitCode: 0, captured: { snapshot: 'shop-before-1-4-0' } })
  expect(world.server.asked.some((line) => line.includes('CreateDBSnapshot'))).toBe(false)
})

test('aws-cloudfront-config sends the whole configuration, and waits until every place has it', async () => {
  world = (await config.world()) as AwsWorld
  const there = world.server.cdn.distributions.get('E2EXAMPLE')
  expect(await run('aws-cloudfront-config')).toMatchObject({ exitCode: 0 })
  expect(there?.config).toContain('<Comment>a &amp; b</Comment>')
  expect(there?.config).toContain('<Id>stable</Id><OriginPath></OriginPath>')
  expect(there?.config).toContain('<Id>canary</Id><OriginPath>/1.4.0</OriginPath>')
  expect(there?.looks).toBe(0)
})
