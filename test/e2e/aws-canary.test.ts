/** A canary on AWS: published by an action, given traffic by a driver, judged by CloudWatch, through the real engine and the guard of addresses. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ReleaseState } from '../../src/core/release/state.ts'
import { aliasThere, functionThere } from '../support/aws/lambda.ts'
import { type AwsServer, startAws } from '../support/aws/server.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

const checklist = `---
holdpoint: 1
name: Canary
service: shop-api
environments: { test: {} }
secrets: { AWS_ACCESS_KEY_ID: env, AWS_SECRET_ACCESS_KEY: env }
sources:
  cloudwatch:
    kind: cloudwatch
    region: eu-west-1
    endpoint: ENDPOINT
    access-key: "{{ secret.AWS_ACCESS_KEY_ID }}"
    secret-key: "{{ secret.AWS_SECRET_ACCESS_KEY }}"
    period: 1s
    delay: 1s
---
## Before

- [ ] What runs is known
  \`\`\`yaml check capture=version
  kind: aws-lambda
  region: eu-west-1
  function: shop-api
  alias: live
  weights: {}
  endpoint: ENDPOINT
  \`\`\`

## Deploy

- [ ] The new version is published
  \`\`\`yaml run
  kind: aws-lambda-alias
  region: eu-west-1
  function: shop-api
  alias: canary
  endpoint: ENDPOINT
  irreversible: nobody calls this alias
  \`\`\`
- [ ] Traffic moves
  \`\`\`yaml rollout
  components:
    api: { traffic: aws-lambda, region: eu-west-1, function: shop-api, alias: live, stable: "2", canary: "3", endpoint: "ENDPOINT" }
  stages:
    - { weight: 5%, soak: 2s }
    - { weight: 100%, soak: 1s }
  judge:
    every: 1s
    source: cloudwatch
    arms: { canary: { ExecutedVersion: "3" }, stable: { ExecutedVersion: "2" } }
    metrics:
      errors:
        kind: ratio
        bad: 'Sum AWS/Lambda:Errors{FunctionName="shop-api",{{arm}}}'
        total: 'Sum AWS/Lambda:Invocations{FunctionName="shop-api",{{arm}}}'
        go: "< 1%"
        rollback: "> 2%"
  \`\`\`
`

const calls = 20_000
const before = { ...process.env }
let folder: string
let engine: RealEngine
let aws: AwsServer
/** Errors of the new version, in a thousand calls. */
let failing: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hp-aws-'))
  aws = await startAws()
  process.env['AWS_ACCESS_KEY_ID'] = aws.key.accessKey
  process.env['AWS_SECRET_ACCESS_KEY'] = aws.key.secretKey
  failing = 0
  const there = functionThere(2)
  there.latest = 'new code'
  there.aliases.set('live', aliasThere('2'))
  there.aliases.set('canary', aliasThere('2'))
  aws.functions.set('shop-api', there)
  aws.watching.metric = (query, _from, to) => {
    const isNew = Object.values(query).includes('3')
    const isErrors = query['MetricStat.Metric.MetricName'] === 'Errors'
    return { points: [{ at: to - 1000, value: isErrors ? (isNew ? (calls * failing) / 1000 : 0) : calls }] }
  }
  engine = await openRealEngine()
})
afterEach(async () => {
  await engine.stop()
  await aws.close()
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
  rmSync(folder, { recursive: true, force: true })
})

function release(): Promise<RealRelease> {
  return engine.start({
    root: folder,
    text: checklist.replaceAll('ENDPOINT', aws.endpoint),
    version: '2.0.0',
    previous: '1.0.0',
    environment: 'test',
    inputs: {},
    people: [],
  })
}

const isOver = ({ phase }: ReleaseState): boolean => ['closed', 'rolled-back', 'rollback-failed'].includes(phase)

test('a version that works gets all calls, stage by stage, and is read back at each', async () => {
  const running = await release()
  const state = await running.until('over', isOver)
  expect(state.phase).toBe('closed')
  expect(aws.functions.get('shop-api')?.aliases.get('live')).toMatchObject({ version: '3', weights: {} })
  expect(aws.asked.filter((line) => line.startsWith('lambda:UpdateAlias'))).toHaveLength(3)
})

test('a version that fails loses its calls, and the alias points to the one before alone', async () => {
  failing = 100
  const running = await release()
  const state = await running.until('over', isOver)
  expect(state.phase).toBe('rolled-back')
  expect(aws.functions.get('shop-api')?.aliases.get('live')).toMatchObject({ version: '2', weights: {} })
})
