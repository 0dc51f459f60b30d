/** Drivers for clusters: the contract on a stand-in of its API, and what only they can meet. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KubernetesApi, startKubernetesApi } from '../../test/support/kubernetes-api.ts'
import { installed } from '../../test/support/kubernetes-kinds.ts'
import { namespace, workload } from '../../test/support/kubernetes-objects.ts'
import type { Row } from '../../test/support/kubernetes-patches.ts'
import type { TrafficDriver, TrafficPowers } from '../core/ports/traffic.ts'
import { httproute } from './httproute.ts'
import { podsFor, replicas } from './replicas.ts'
import { powers as plainPowers, trafficDriverContract } from './traffic.contract.ts'

const backend = (name: string, weight: number): Row => ({ name, port: 80, weight })
const route = (rules: readonly (readonly Row[])[] = [[backend('v1', 100), backend('v2', 0)]]): Row => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'front' }], rules: rules.map((backendRefs) => ({ backendRefs })) },
})

async function cluster(): Promise<KubernetesApi> {
  const api = await startKubernetesApi()
  api.cluster.kinds.push(...Object.values(installed))
  api.cluster.put(namespace)
  return api
}
const powers = (api: KubernetesApi, given: Partial<TrafficPowers> = {}): TrafficPowers =>
  plainPowers({ secret: () => api.token, ...given })
/** The contract has powers of its own, which know no token. */
const withToken = (driver: TrafficDriver, api: KubernetesApi): TrafficDriver => {
  const own = (given: TrafficPowers): TrafficPowers => ({ ...given, secret: () => api.token })
  return {
    read: (given) => driver.read(own(given)),
    set: (percent, given) => driver.set(percent, own(given)),
    verify: (percent, given) => driver.verify(percent, own(given)),
    restore: (given) => driver.restore(own(given)),
  }
}
const routeDriver = (api: KubernetesApi): TrafficDriver =>
  httproute.open(
    httproute.config.parse({ server: api.base, namespace: 'shop', route: 'api', stable: 'v1', canary: 'v2' }),
  )
const podDriver = (api: KubernetesApi, total: number): TrafficDriver =>
  replicas.open(
    replicas.config.parse({ server: api.base, namespace: 'shop', stable: 'deploy/v1', canary: 'deploy/v2', total }),
  )

const specOf = (object: Row): Row => object['spec'] as Row

describe('traffic driver httproute', () => {
  trafficDriverContract(async () => {
    const api = await cluster()
    api.cluster.put(route())
    return {
      driver: withToken(routeDriver(api), api),
      address: null,
      meddle: async (percent) =>
        api.cluster.edit('HTTPRoute', 'api', (object) => {
          specOf(object)['rules'] = [{ backendRefs: [backend('v1', 100 - percent), backend('v2', percent)] }]
        }),
      down: () => api.close(),
      stop: () => api.close(),
    }
  })
})

describe('traffic driver replicas', () => {
  trafficDriverContract(async () => {
    const api = await cluster()
    api.cluster.put(workload('Deployment', 'v1', 'shop/api:1', { replicas: 200 }))
    api.cluster.put(workload('Deployment', 'v2', 'shop/api:2', { replicas: 0 }))
    const scaled = (name: string, count: number): void =>
      api.cluster.edit('Deployment', name, (object) => void (specOf(object)['replicas'] = count))
    return {
      driver: withToken(podDriver(api, 200), api),
      address: null,
      meddle: async (percent) => {
        scaled('v1', 200 - 2 * percent)
        scaled('v2', 2 * percent)
      },
      down: () => api.close(),
      stop: () => api.close(),
    }
  })
})

describe('what only clusters have', () => {
  let api: KubernetesApi
  beforeEach(async () => (api = await cluster()))
  afterEach(() => api.close())

  test('a weight counts once every gateway has read it, and only where all rules say the same', async () => {
    api.cluster.put(
      route([[backend('v1', 100), backend('v2', 0)], [backend('docs', 1)], [backend('v1', 100), backend('v2', 0)]]),
    )
    const driver = routeDriver(api)
    await driver.set(25, powers(api))
    const rules = specOf(api.cluster.peek('HTTPRoute', 'api') ?? {})['rules'] as { backendRefs: Row[] }[]
    expect(rules.map(({ backendRefs }) => backendRefs.map(({ weight }) => weight))).toEqual([
      [7500, 2500],
      [1],
      [7500, 2500],
    ])
    expect((await driver.verify(25, powers(api))).kind).toBe('cannot-tell')
    expect((await driver.verify(25, powers(api))).kind).toBe('reached')
    api.cluster.edit('HTTPRoute', 'api', (object) => {
      specOf(object)['rules'] = [...rules.slice(1), { backendRefs: [backend('v1', 1), backend('v2', 1)] }]
    })
    await driver.read(powers(api))
    expect((await driver.read(powers(api))).say).toBe('the rules of api differ: 25 %, 50 %')
  })

  test('a route that also leads elsewhere, or to one version only, is refused and stays as it is', async () => {
    api.cluster.put(route([[backend('v1', 90), backend('v2', 0), backend('v0', 10)]]))
    await expect(routeDriver(api).set(25, powers(api))).rejects.toThrow('also leads to v0')
    api.cluster.put(route([[backend('v1', 90)]]))
    await expect(routeDriver(api).set(25, powers(api))).rejects.toThrow('no rule of api leads to both v1 and v2')
  })

  test('an older release changes nothing any more, and a change of somebody else in between is not lost', async () => {
    api.cluster.put(route())
    await routeDriver(api).set(25, powers(api, { epoch: 7 }))
    await expect(routeDriver(api).restore(powers(api, { epoch: 6 }))).rejects.toThrow(
      'by a later release (epoch 7, ours is 6)',
    )
    let meddled = false
    const between: TrafficPowers['http'] = (url, init) => {
      if (init.method === 'PATCH' && !meddled) {
        meddled = true
        api.cluster.edit('HTTPRoute', 'api', (object) => void (specOf(object)['hostnames'] = ['shop.example']))
      }
      return plainPowers().http(url, init)
    }
    await routeDriver(api).set(50, powers(api, { epoch: 7, http: between }))
    expect(api.asked.filter((line) => line.endsWith(' 409'))).toHaveLength(1)
    expect(specOf(api.cluster.peek('HTTPRoute', 'api') ?? {})).toMatchObject({ hostnames: ['shop.example'] })
  })

  test('pods are taken away only once those that replace them are ready, and a bad version at once', async () => {
    api.cluster.put(workload('Deployment', 'v1', 'shop/api:1', { replicas: 10 }))
    api.cluster.put(workload('Deployment', 'v2', 'shop/api:broken', { replicas: 0 }))
    let now = 0
    const clock = { now: () => now, sleep: async (ms: number) => void (now += ms) }
    await expect(podDriver(api, 10).set(50, powers(api, { clock }))).rejects.toThrow(
      '0 of 5 pods of deploy/v2 are ready; none has been taken from the other version.',
    )
    expect(specOf(api.cluster.peek('Deployment', 'v1') ?? {})['replicas']).toBe(10)
    await podDriver(api, 10).restore(powers(api, { clock }))
    expect(specOf(api.cluster.peek('Deployment', 'v2') ?? {})['replicas']).toBe(0)
    expect(() => podsFor(5, 10)).toThrow('10 pods cannot give 5 %: the nearest is 10 %, a pod is 10 %.')
  })
})
