import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KubernetesApi, startKubernetesApi } from '../../test/support/kubernetes-api.ts'
import { installed } from '../../test/support/kubernetes-kinds.ts'
import { namespace, session, warning, workload } from '../../test/support/kubernetes-objects.ts'
import type { Row } from '../../test/support/kubernetes-patches.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { OutboundFault } from '../core/ports/outbound.ts'
import { kubernetes } from './kubernetes.ts'
import { evidenceText, falseClock, runCheck, testPowers } from './parts/powers.fixture.ts'

let api: KubernetesApi
beforeEach(async () => {
  api = await startKubernetesApi()
  api.cluster.kinds.push(...Object.values(installed))
  api.cluster.put(namespace)
  api.cluster.put(workload('Deployment', 'api', 'shop/api:1'))
})
afterEach(() => api.close())

const ask = (config: Record<string, unknown>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(
    kubernetes as never,
    { server: api.base, namespace: 'shop', every: '1s', ...config },
    { secret: () => api.token, clock: falseClock(Date.now()), ...powers },
  )
/** Controllers have done their work. */
const settled = async (config: Record<string, unknown>): Promise<void> => {
  expect((await ask({ within: '5m', ...config })).say).toContain('after')
}

describe('versions', () => {
  test('a rollout is waited for, of every kind of workload, and its numbers are told', async () => {
    api.cluster.put(workload('StatefulSet', 'queue', 'shop/queue:1'))
    api.cluster.put(workload('DaemonSet', 'logs', 'shop/logs:1'))
    const rollout = ['deployment/api', 'sts/queue', 'daemonset.apps/logs']
    const now = await ask({ rollout })
    expect(now).toMatchObject({ outcome: 'failed' })
    expect(now.say).toContain('deployment/api has not been looked at by its controller since it was changed')
    const later = await ask({ rollout, within: '1m' })
    expect(later).toMatchObject({ outcome: 'passed' })
    expect(later.say).toMatch(/^deployment\/api: 2 of 2 pods are available; .* after \d+m?s of 1m$/)
  })

  test('a version that never gets ready fails at once where the cluster gave it up, and at the deadline elsewhere', async () => {
    api.cluster.put(workload('Deployment', 'web', 'shop/web:broken'))
    expect(await ask({ rollout: 'deploy/web', within: '10m' })).toMatchObject({
      outcome: 'failed',
      say: 'deployment/web made no progress in time: ReplicaSet has timed out progressing.',
      facts: { waited_seconds: 4 },
    })
    const pods = await ask({ pods: 'app=web', within: '20s' })
    expect(pods.say).toMatch(
      /^0 of 2 pods of app=web are ready; pod\/web-\w+-0 is Pending: ImagePullBackOff, after 20s of 20s$/,
    )
    expect(pods).toMatchObject({ outcome: 'failed', facts: { pods: 2, pods_ready: 0 } })
  })

  test('pods are those of labels, of a workload or of the namespace, run one image and did not restart', async () => {
    await settled({ rollout: 'deploy/api' })
    for (const pods of ['app=api', 'deploy/api', 'all'])
      expect(await ask({ pods })).toMatchObject({ outcome: 'passed' })
    expect(
      (await ask({ pods: 'app=api', image: 'shop/api:{{ version }}' }, { variables: { version: '2' } })).say,
    ).toMatch(/^2 of 2 pods of app=api do not run shop\/api:2, such as api-/)
    expect((await ask({ pods: 'app=none' })).say).toBe('0 pods of app=none, at least 1 expected')
    expect(await ask({ pods: 'app=api', 'max-restarts': 0 })).toMatchObject({
      outcome: 'passed',
      facts: { restarts: 0 },
    })
  })
})

describe('resources', () => {
  test('a custom resource reaches a state in time, or fails at once at one that is the end', async () => {
    api.cluster.put(session('test', 'Pending'))
    const config = {
      resource: 'sessions.stream.example.com/test',
      field: 'status.phase',
      is: 'Running',
      'fails-at': ['Failed'],
    }
    expect((await ask(config)).say).toBe('test: status.phase is Pending, Running expected')
    const clock = falseClock(Date.now())
    const turn = {
      ...clock,
      sleep: (ms: number) => {
        api.cluster.edit(
          'Session',
          'test',
          (object) => void ((object['status'] as { phase: string }).phase = 'Running'),
        )
        return clock.sleep(ms)
      },
    }
    const reached = await ask(
      { ...config, within: '60s' },
      { clock: turn, expectation: 'waited_seconds < 60.0', expect: (facts) => Number(facts['waited_seconds']) < 60 },
    )
    expect(reached).toMatchObject({ outcome: 'passed', facts: { value: 'Running', waited_seconds: 1 } })
    expect(await ask({ ...config, is: 'Hibernated', 'fails-at': ['Running'], within: '60s' })).toMatchObject({
      outcome: 'failed',
      facts: { waited_seconds: 0 },
    })
    expect((await ask({ resource: 'sessions.stream.example.com/test', condition: 'Ready' })).outcome).toBe('failed')
  })

  test('what should be gone is gone only where the namespace is there and the cluster says so', async () => {
    const gone = { resource: 'sessions.stream.example.com/test', absent: true }
    expect(await ask(gone)).toMatchObject({ outcome: 'passed' })
    api.cluster.put(session('test', 'Stopped'))
    expect((await ask(gone)).say).toContain('is still there: test')
    expect((await ask({ ...gone, namespace: 'shpo' })).say).toBe('there is no namespace shpo')
    expect((await ask({ ...gone, resource: 'sesions.stream.example.com/test' })).outcome).toBe('errored')
    api.instead(1, 404, {}, '404 page not found')
    expect((await ask({ resource: 'pod/x', absent: true })).outcome).toBe('errored')
  })

  test('so many of a kind are there and young enough', async () => {
    const snapshot = (name: string, createdAt: string): void =>
      api.cluster.put({
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata: { name, namespace: 'shop', creationTimestamp: createdAt },
        status: { readyToUse: true },
      })
    snapshot('old', '2020-01-01T00:00:00Z')
    const asked = { resource: 'volumesnapshot', 'newer-than': '24h', field: 'status.readyToUse', is: true }
    expect((await ask(asked)).say).toBe('0 of 1 volumesnapshot in shop are there younger than 24h, at least 1 expected')
    snapshot('new', new Date().toISOString())
    expect(await ask(asked)).toMatchObject({ outcome: 'passed', facts: { count: 2, value: true } })
    expect((await ask({ resource: 'prometheusrules', namespace: 'monitoring' })).outcome).toBe('failed')
  })

  test('lists come in parts and are put together, in smaller ones where objects are large', async () => {
    for (let index = 0; index < 450; index += 1)
      api.cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${index}`, namespace: 'shop' } })
    expect(await ask({ resource: 'configmaps', 'at-least': 450 })).toMatchObject({ facts: { count: 450 } })
    expect(api.asked.filter((line) => line.includes('limit=200'))).toHaveLength(3)
    const http: CheckPowers['http'] = (url, init) => {
      if (Number(new URL(url).searchParams.get('limit') ?? 1) <= 50) return testPowers().http(url, init)
      throw new OutboundFault('too-large', 'more than 5 MB', { retryable: false })
    }
    expect(await ask({ resource: 'configmaps', 'at-least': 450 }, { http })).toMatchObject({ facts: { count: 450 } })
  })
})

test('warnings of the last minutes are told, except those that may be there', async () => {
  api.cluster.put(warning('BackOff', '2020-01-01T00:00:00Z'))
  expect(await ask({ quiet: '15m' })).toMatchObject({ outcome: 'passed' })
  api.cluster.put(warning('Unhealthy', new Date().toISOString()))
  expect((await ask({ quiet: '15m' })).say).toBe('1 warnings in 15m: Pod/api-0 Unhealthy: Unhealthy of api')
  expect((await ask({ quiet: '15m', ignore: 'Unhealthy' })).outcome).toBe('passed')
})

test('manifests are tried by the cluster itself, and nothing is changed', async () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-kubernetes-'))
  const object: Row = { ...workload('Deployment', 'api', 'shop/api:9'), metadata: { name: 'api' } }
  writeFileSync(join(root, 'api.json'), JSON.stringify(object))
  const before = JSON.stringify(api.cluster.state())
  expect(await ask({ accepts: '*.json' }, { root })).toMatchObject({ outcome: 'passed', facts: { manifests: 1 } })
  writeFileSync(
    join(root, 'web.json'),
    JSON.stringify({ ...object, spec: { ...(object['spec'] as object), replcas: 3 } }),
  )
  const refused = await ask({ accepts: '*.json' }, { root })
  expect(refused.outcome).toBe('failed')
  expect(refused.say).toContain('web.json:1 Deployment/api: the cluster does not accept it')
  expect(refused.say).toContain('unknown field "spec.replcas"')
  expect(JSON.stringify(api.cluster.state())).toBe(before)
  rmSync(root, { recursive: true })
})

describe('refusals and outages', () => {
  test('a missing right, a wrong token and a missing workload are said, and the token never is', async () => {
    api.deny('get', 'deployments')
    const denied = await ask({ rollout: 'deploy/api' })
    expect(denied).toMatchObject({ outcome: 'errored' })
    expect(denied.say).toContain('cannot get resource "deployments" in API group "apps" in the namespace "shop" (403)')
    const wrong = await ask({ rollout: 'deploy/api' }, { secret: () => 'a-wrong-token' })
    expect(wrong.say).toBe('the cluster does not accept the token (401)')
    expect((await ask({ rollout: 'sts/api' })).say).toBe('there is no sts/api in the namespace shop')
    expect((await ask({ rollout: 'widget/api' })).say).toContain('name its group too, such as widget.example.com')
    expect(JSON.stringify([denied, wrong]) + evidenceText(denied)).not.toContain(api.token)
  })

  test('an outage is waited out where there is time, and limits are kept', async () => {
    api.instead(6, 503, {}, '{"kind":"Status","message":"etcd is away"}')
    expect((await ask({ rollout: 'deploy/api', within: '1m' })).outcome).toBe('passed')
    api.instead(9, 503, {}, '{"kind":"Status","message":"etcd is away"}')
    expect((await ask({ rollout: 'deploy/api' })).say).toBe('the cluster has an outage: etcd is away (503)')
    api.instead(1, 429, { 'retry-after': '7' })
    const clock = falseClock(0)
    await ask({ rollout: 'deploy/api' }, { clock })
    expect(clock.now()).toBeGreaterThanOrEqual(500)
  })
})

test('settings that do not belong together are refused', () => {
  const slip = (config: Record<string, unknown>): string =>
    JSON.stringify(kubernetes.config.safeParse(config).error?.issues)
  expect(slip({})).toContain('expected at least one thing to ask')
  expect(slip({ resource: 'pods', is: 'x' })).toContain('expected field beside is')
  expect(slip({ pods: 'all', absent: true })).toContain('expected resource beside absent')
  expect(slip({ rollout: 'a b' })).toContain('such as deployment/api')
  expect(slip({ pods: 'all', token: 'eyJ.x' })).toContain('never its value')
})
