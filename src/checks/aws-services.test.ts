/** RDS, Lambda, CloudFront, CloudWatch, its logs and costs, asked at a stand-in that checks every signature. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { distributionThere } from '../../test/support/aws/cloudfront.ts'
import { aliasThere, functionThere } from '../../test/support/aws/lambda.ts'
import { databaseThere } from '../../test/support/aws/rds.ts'
import { type AwsServer, startAws } from '../../test/support/aws/server.ts'
import type { CheckDefinition, CheckResult } from '../core/ports/check.ts'
import { awsCloudfront } from './aws-cloudfront.ts'
import { awsCloudwatch } from './aws-cloudwatch.ts'
import { awsCost } from './aws-cost.ts'
import { awsLambda } from './aws-lambda.ts'
import { awsLogs } from './aws-logs.ts'
import { awsRds } from './aws-rds.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const HOUR = 3_600_000
let server: AwsServer
beforeAll(async () => {
  server = await startAws()
})
afterAll(() => server.close())

function asked(definition: CheckDefinition<never>, isRegional: boolean) {
  return (config: Record<string, unknown>): Promise<CheckResult> => {
    const secrets = { AWS_ACCESS_KEY_ID: server.key.accessKey, AWS_SECRET_ACCESS_KEY: server.key.secretKey }
    const secret = (name: string): string => secrets[name as keyof typeof secrets]
    const place = isRegional ? { region: 'eu-west-1' } : {}
    return runCheck(definition, { ...place, endpoint: server.endpoint, ...config }, { secret })
  }
}

describe('aws-rds', () => {
  const look = asked(awsRds as never, true)

  test('backups are held to their retention, the age of the newest snapshot, and encryption', async () => {
    server.databases.all.set('instance:shop', databaseThere())
    const at = (hours: number): number => Date.now() - hours * HOUR
    const snapshot = (type: string, hours: number, looks = 0) => ({
      database: 'instance:shop',
      type,
      looks,
      at: at(hours),
    })
    server.databases.snapshots.set('rds:a', snapshot('automated', 30))
    server.databases.snapshots.set('rds:b', snapshot('automated', 5))
    server.databases.snapshots.set('by-hand', snapshot('manual', 1))
    server.databases.snapshots.set('unfinished', snapshot('manual', 0, 99))
    const kept = { instance: 'shop', 'retention-days': 7, encrypted: true, 'multi-az': true, private: true }
    const good = await look({
      ...kept,
      'snapshot-newer-than': '24h',
      snapshots: 'automated',
      'restorable-within': '10m',
    })
    expect(good).toMatchObject({ outcome: 'passed', captures: { snapshot: 'rds:b' } })
    expect(good.say).toContain('backups are kept 7 days, at least 7 asked')
    expect(await look({ instance: 'shop', 'snapshot-newer-than': '2h' })).toMatchObject({
      captures: { snapshot: 'by-hand' },
    })
    expect(await look({ instance: 'shop', 'snapshot-newer-than': '30m' })).toMatchObject({ outcome: 'failed' })
    expect((await look({ instance: 'shop', 'retention-days': 30 })).say).toBe(
      'backups are kept 7 days, at least 30 expected',
    )
    Object.assign(server.databases.all.get('instance:shop') ?? {}, {
      encrypted: false,
      public: true,
      status: 'modifying',
    })
    expect((await look(kept)).say).toBe(
      'it is modifying, expected available; it is not encrypted; it has a public address',
    )
    expect((await look({ instance: 'other' })).say).toBe('there is no database other')
  })

  test('a cluster is asked as one, and what it does not say is not known', async () => {
    server.databases.all.set('cluster:shop', databaseThere({ retentionDays: 35 }))
    expect(await look({ cluster: 'shop', 'retention-days': 30 })).toMatchObject({ outcome: 'passed' })
    expect(await look({ cluster: 'shop', 'snapshot-newer-than': '1d' })).toMatchObject({ outcome: 'failed' })
    expect(await look({ cluster: 'shop', private: true })).toMatchObject({ outcome: 'inconclusive' })
  })
})

describe('aws-lambda', () => {
  const look = asked(awsLambda as never, true)

  test('an alias is held to its version and weights, and the version has to be active', async () => {
    const there = functionThere(3)
    server.functions.set('shop-api', there)
    there.aliases.set('live', aliasThere('2', { '3': 0.05 }))
    const alias = { function: 'shop-api', alias: 'live' }
    expect(await look({ ...alias, version: '2', weights: { '3': 5 } })).toMatchObject({
      outcome: 'passed',
      captures: { version: '2' },
      facts: { version: '2', weights: { '3': 5 } },
    })
    const bad = await look({ ...alias, version: '3', weights: {}, runtime: 'nodejs24.x' })
    expect(bad.outcome).toBe('failed')
    expect(bad.say).toBe(
      'it points to version 2, expected 3; its weights are {"3":5}, expected {}; runtime is nodejs22.x, expected nodejs24.x',
    )
    expect(await look({ ...alias, 'not-version': '2' })).toMatchObject({ outcome: 'failed' })
    there.lastUpdate = 'InProgress'
    expect(await look(alias)).toMatchObject({ outcome: 'inconclusive' })
    Object.assign(there, { lastUpdate: 'Successful', state: 'Failed' })
    expect((await look(alias)).say).toContain('version 2 is Failed')
    expect(await look({ function: 'shop-api', alias: 'gone' })).toMatchObject({ outcome: 'failed' })
  })
})

describe('aws-cloudfront', () => {
  const look = asked(awsCloudfront as never, false)

  test('a distribution is held to its configuration and to an invalidation that is completed', async () => {
    const there = distributionThere(
      '<Enabled>true</Enabled><Aliases><Quantity>1</Quantity><Items><CNAME>shop.example.com</CNAME></Items></Aliases><DefaultCacheBehavior><TargetOriginId>canary</TargetOriginId></DefaultCacheBehavior>',
    )
    server.cdn.distributions.set('E2EXAMPLE', there)
    const one = { distribution: 'E2EXAMPLE', aliases: ['shop.example.com'] }
    const config = { 'DefaultCacheBehavior.TargetOriginId': 'canary' }
    expect(await look({ ...one, config })).toMatchObject({ outcome: 'passed' })
    const other = await look({ ...one, config: { 'DefaultCacheBehavior.TargetOriginId': 'stable' } })
    expect(other.say).toBe('DefaultCacheBehavior.TargetOriginId is canary, expected stable')
    const since = { ...one, 'invalidated-within': '30m' }
    expect((await look(since)).say).toBe('nobody has invalidated /*')
    there.invalidations.set('I1', { caller: 'a', paths: ['/*'], at: Date.now() - HOUR, looks: 0 })
    expect(await look(since)).toMatchObject({ outcome: 'failed' })
    there.invalidations.set('I2', { caller: 'b', paths: ['/*'], at: Date.now(), looks: 1 })
    expect(await look(since)).toMatchObject({ outcome: 'inconclusive', facts: { invalidation_status: 'InProgress' } })
    expect(await look(since)).toMatchObject({ outcome: 'passed', facts: { invalidation: 'I2' } })
    expect(await look({ ...one, invalidation: 'I9' })).toMatchObject({ outcome: 'failed' })
    there.status = 'InProgress'
    expect(await look(one)).toMatchObject({ outcome: 'inconclusive' })
  })
})

describe('aws-cloudwatch', () => {
  const look = asked(awsCloudwatch as never, true)

  test('alarms have to be there, active and quiet; without data nobody knows', async () => {
    const { alarms } = server.watching
    for (const name of ['api-latency', 'api-5xx', 'queue', 'db-cpu']) alarms.set(name, { state: 'OK', active: true })
    alarms.set('api-all', { state: 'OK', active: true, kind: 'CompositeAlarm' })
    expect(await look({ alarms: 'all' })).toMatchObject({ outcome: 'passed', facts: { alarms: 5 } })
    expect(await look({ alarms: 'all', 'alarm-prefix': 'api-' })).toMatchObject({ facts: { alarms: 3 } })
    expect((await look({ alarms: ['db-cpu', 'gone'] })).say).toBe('there is no alarm gone')
    expect((await look({ alarms: 'all', 'alarm-prefix': 'x' })).outcome).toBe('failed')
    alarms.set('queue', { state: 'INSUFFICIENT_DATA', active: true })
    expect(await look({ alarms: 'all' })).toMatchObject({ outcome: 'inconclusive', facts: { without_data: ['queue'] } })
    alarms.set('queue', { state: 'ALARM', active: false })
    expect((await look({ alarms: 'all' })).say).toBe('in alarm: queue; actions are not enabled: queue')
    expect(await look({ alarms: 'all', quiet: false, active: false })).toMatchObject({ outcome: 'passed' })
  })

  test('a dashboard is there and shows what was made new', async () => {
    const widgets = [{ properties: { metrics: [['Shop', 'CheckoutErrors', 'Service', 'api']] } }]
    server.watching.dashboards.set('shop', JSON.stringify({ widgets }))
    const one = { dashboards: ['shop'] }
    expect(await look({ ...one, 'dashboard-metrics': ['CheckoutErrors'] })).toMatchObject({ outcome: 'passed' })
    expect((await look({ ...one, 'dashboard-metrics': ['Checkout'] })).say).toBe('no dashboard shows Checkout')
    expect((await look({ dashboards: ['shop', 'gone'] })).say).toBe('there is no dashboard gone')
  })
})

describe('aws-logs', () => {
  const look = asked(awsLogs as never, true)

  test('lines of a time are read over all pages, empty ones too, and held to patterns', async () => {
    const line = (text: string, minutes: number) => ({ at: Date.now() - minutes * 60_000, text })
    const lines = [line('ERROR old', 90), ...[1, 2, 3, 4, 5].map((each) => line(`served ${each}`, each))]
    server.watching.logs.set('/shop', lines)
    const one = { group: '/shop', last: '15m', forbid: 'ERROR', require: 'served 5' }
    expect(await look(one)).toMatchObject({ outcome: 'passed', facts: { lines: 5, forbidden: 0 } })
    lines.push(line('ERROR new with AKIAIOSFODNN7EXAMPLE', 1))
    const bad = await look(one)
    expect(bad.say).toContain('1 line match ERROR, at most 0 allowed')
    expect(bad.say).toContain('1 line hold what looks like a secret')
    expect(bad.say + evidenceText(bad)).not.toContain('AKIAIOSFODNN7EXAMPLE')
    expect((await look({ ...one, forbid: undefined, secrets: false, require: 'never' })).say).toBe(
      'no line matches never',
    )
    expect(await look({ group: '/shop', last: '15m', filter: 'nothing' })).toMatchObject({ outcome: 'inconclusive' })
    expect((await look({ ...one, group: '/gone' })).say).toBe('there is no log group /gone')
  })
})

describe('aws-cost', () => {
  const look = asked(awsCost as never, false)

  test('days are added up, held to limits, and compared with those before', async () => {
    const day = (back: number): string => new Date(Date.now() - back * 24 * HOUR).toISOString().slice(0, 10)
    const { costs } = server.watching
    for (const back of [1, 2, 3]) costs.set(day(back), { amount: 11, estimated: back === 1 })
    for (const back of [4, 5, 6]) costs.set(day(back), { amount: 10, estimated: false })
    costs.set(day(0), { amount: 999, estimated: true })
    const good = await look({ days: 3, max: 33, 'max-per-day': 11, 'max-rise': '10%' })
    expect(good).toMatchObject({ outcome: 'passed', facts: { amount: 33, before: 30, estimated: true } })
    expect(good.say).toContain('33.00 USD (still estimated) in 3 days, at most 33 allowed; +10.0 % against')
    expect(await look({ days: 3, max: 32 })).toMatchObject({ outcome: 'failed' })
    expect(await look({ days: 3, 'max-per-day': 10.5 })).toMatchObject({ outcome: 'failed' })
    expect(await look({ days: 3, 'max-rise': '5%' })).toMatchObject({ outcome: 'failed' })
    expect(await look({ days: 5, 'max-rise': '50%' })).toMatchObject({ outcome: 'inconclusive' })
    expect(await look({ days: 9, max: 500 })).toMatchObject({ outcome: 'inconclusive' })
    expect((await look({ days: 3, max: 50, unit: 'EUR' })).say).toBe('it is billed in USD, not in EUR')
  })
})
