/** Drivers of AWS: the contract on a stand-in that checks every signature, and what only they can get wrong. */
import { describe, expect, test } from 'vitest'
import { aliasThere, functionThere } from '../../test/support/aws/lambda.ts'
import { type AwsServer, startAws } from '../../test/support/aws/server.ts'
import type { TrafficDriver } from '../core/ports/traffic.ts'
import { awsAlb } from './aws-alb.ts'
import { awsCloudfront } from './aws-cloudfront.ts'
import { awsLambda } from './aws-lambda.ts'
import { powers, trafficDriverContract } from './traffic.contract.ts'

/** As the contract's secrets are. */
const key = { accessKey: 'secret-AWS_ACCESS_KEY_ID', secretKey: 'secret-AWS_SECRET_ACCESS_KEY' }
const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012'
const split = `${arn}:listener-rule/app/shop/1/2/3`
const groups = { stable: `${arn}:targetgroup/shop-1/1`, canary: `${arn}:targetgroup/shop-2/2` }

function lambdaAt(server: AwsServer): TrafficDriver {
  const names = { region: 'eu-west-1', function: 'shop-api', alias: 'live', stable: '2', canary: '3' }
  return awsLambda.open(awsLambda.config.parse({ ...names, endpoint: server.endpoint }))
}

function albAt(server: AwsServer, at = split): TrafficDriver {
  return awsAlb.open(awsAlb.config.parse({ region: 'eu-west-1', split: at, ...groups, endpoint: server.endpoint }))
}

async function lambdaServer(): Promise<AwsServer> {
  const server = await startAws(key)
  const there = functionThere(4)
  there.aliases.set('live', aliasThere('2'))
  server.functions.set('shop-api', there)
  return server
}

async function albServer(): Promise<AwsServer> {
  const server = await startAws(key)
  server.splits.set(split, { groups: { [groups.stable]: 1 }, sticky: true, authenticates: true })
  return server
}

describe('traffic driver aws-lambda', () => {
  trafficDriverContract(async () => {
    const server = await lambdaServer()
    const set = (percent: number): void =>
      void server.functions.get('shop-api')?.aliases.set('live', aliasThere('2', { '3': percent / 100 }))
    return {
      driver: lambdaAt(server),
      address: null,
      meddle: (percent) => Promise.resolve(set(percent)),
      down: () => server.close(),
      stop: () => server.close(),
    }
  })

  test('a version that is neither cannot be told, is never moved, and is left behind by a restore', async () => {
    const server = await lambdaServer()
    const driver = lambdaAt(server)
    server.functions.get('shop-api')?.aliases.set('live', aliasThere('4'))
    expect(await driver.read(powers())).toEqual({
      kind: 'cannot-tell',
      say: 'live sends calls to version 4, which is neither 2 nor 3',
    })
    await expect(driver.set(5, powers())).rejects.toThrow('neither 2 nor 3')
    await driver.restore(powers())
    expect(await driver.verify(0, powers())).toMatchObject({ kind: 'reached' })
    await server.close()
  })

  test('an order that somebody else came before is refused', async () => {
    const server = await lambdaServer()
    const driver = lambdaAt(server)
    const http = async (url: string, init: RequestInit): Promise<Response> => {
      if (init.method === 'PUT') server.functions.get('shop-api')?.aliases.set('live', aliasThere('2', { '3': 0.5 }))
      return fetch(url, init)
    }
    await expect(driver.set(5, powers({ http }))).rejects.toThrow('PreconditionFailedException')
    expect(await driver.read(powers())).toMatchObject({ percent: 50 })
    await server.close()
  })
})

describe('traffic driver aws-alb', () => {
  trafficDriverContract(async () => {
    const server = await albServer()
    const set = (percent: number): void =>
      void Object.assign(server.splits.get(split) ?? {}, {
        groups: { [groups.canary]: percent, [groups.stable]: 100 - percent },
      })
    return {
      driver: albAt(server),
      address: null,
      meddle: (percent) => Promise.resolve(set(percent)),
      down: () => server.close(),
      stop: () => server.close(),
    }
  })

  test('a third target group cannot be told, and a listener that is not there is said', async () => {
    const server = await albServer()
    const third = `${arn}:targetgroup/shop-0/0`
    Object.assign(server.splits.get(split) ?? {}, { groups: { [groups.stable]: 50, [third]: 50 } })
    expect(await albAt(server).read(powers())).toMatchObject({ kind: 'cannot-tell' })
    await expect(albAt(server).set(5, powers())).rejects.toThrow('neither stable nor canary')
    await albAt(server).restore(powers())
    expect(await albAt(server).verify(0, powers())).toMatchObject({ kind: 'reached' })
    const gone = `${arn}:listener/app/shop/9/9`
    expect(await albAt(server, gone).read(powers())).toEqual({
      kind: 'cannot-tell',
      say: `there is no listener or rule ${gone}`,
    })
    await server.close()
  })
})

describe('traffic driver aws-cloudfront', () => {
  const start = async (): Promise<{ server: AwsServer; driver: TrafficDriver }> => {
    const server = await startAws(key)
    server.cdn.policies.set('P1', { etag: 'E1', enabled: false, weight: 0.05 })
    return {
      server,
      driver: awsCloudfront.open(awsCloudfront.config.parse({ policy: 'P1', endpoint: server.endpoint })),
    }
  }

  trafficDriverContract(async () => {
    const { server, driver } = await start()
    return {
      driver,
      address: null,
      most: 15,
      meddle: (percent) =>
        Promise.resolve(void server.cdn.policies.set('P1', { etag: 'E9', enabled: true, weight: percent / 100 })),
      down: () => server.close(),
      stop: () => server.close(),
    }
  })

  test('more than CloudFront gives is refused, and a policy by header has no weight', async () => {
    const { server, driver } = await start()
    expect(await driver.read(powers())).toMatchObject({ percent: 0 })
    await expect(driver.set(25, powers())).rejects.toThrow('at most 15 %, not 25 %')
    server.cdn.policies.set('P1', { etag: 'E1', enabled: true, weight: null })
    expect(await driver.read(powers())).toMatchObject({ kind: 'cannot-tell' })
    await server.close()
  })
})
