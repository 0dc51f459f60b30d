import { afterEach, beforeEach, expect, test } from 'vitest'
import { type KubernetesApi, startKubernetesApi } from '../../test/support/kubernetes-api.ts'
import { namespace } from '../../test/support/kubernetes-objects.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { log } from './log.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

let api: KubernetesApi
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString().replace('Z', '123456Z')

beforeEach(async () => {
  api = await startKubernetesApi()
  api.cluster.put(namespace)
  for (const [index, restartCount] of [0, 1].entries())
    api.cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `api-${index}`, namespace: 'shop', labels: { app: 'api' } },
      spec: { containers: [{ name: 'api' }, { name: 'proxy' }] },
      status: { containerStatuses: [{ name: 'api', restartCount, lastState: { terminated: { finishedAt: ago(3) } } }] },
    })
  api.logs.set('shop/api-0/api', `${ago(60)} ERROR long ago\n${ago(2)} GET / 200\n`)
  api.logs.set('shop/api-0/proxy', `${ago(2)} {"msg":"up"}\n`)
  api.logs.set('shop/api-1/api', `${ago(1)} listening on 80\n`)
  api.logs.set('shop/api-1/api/previous', `${ago(4)} starting\n`)
})
afterEach(() => api.close())

const look = (config: Record<string, unknown>): Promise<CheckResult> =>
  runCheck(
    log as never,
    { pods: 'app=api', server: api.base, namespace: 'shop', ...config },
    { secret: () => api.token },
  )

test('what every container of all pods printed in the time is looked at, without the times the cluster adds', async () => {
  const fine = await look({ last: '15m', forbid: '^ERROR', require: '^listening on' })
  expect(fine).toMatchObject({ outcome: 'passed', facts: { lines: 4 } })
  const all = await look({ forbid: '^ERROR' })
  expect(all).toMatchObject({ outcome: 'failed', facts: { forbidden: 1, lines: 5 } })
  expect(evidenceText(all)).toBe('1 of api-0/api: ERROR long ago\n')
  expect(await look({ container: 'proxy', json: true, pods: 'pod/api-0' })).toMatchObject({ outcome: 'passed' })
})

test('a run that ended counts too, and a secret is told by its place only', async () => {
  api.logs.set('shop/api-1/api/previous', `${ago(4)} panic: password in postgres://app:hunter2@db/shop\n`)
  const result = await look({ last: '15m', forbid: 'panic' })
  expect(result.say).toContain('line 1 of api-1/api before its restart holds what looks like a password in an address')
  expect(JSON.stringify(result) + evidenceText(result)).not.toContain('hunter2')
})

test('no pod, a missing right and a log that is longer than what is read are no proof', async () => {
  expect((await look({ pods: 'app=web', forbid: 'x' })).say).toBe('there are no pods app=web in shop')
  expect((await look({ container: 'db', forbid: 'x' })).say).toBe('no pod of app=api has a container db')
  api.logs.set('shop/api-0/proxy', `${ago(1)} .\n`.repeat(20_001))
  expect((await look({ forbid: 'x' })).outcome).toBe('inconclusive')
  api.deny('get', 'pods/log')
  expect((await look({ forbid: 'x' })).say).toContain('cannot get resource "pods/log"')
  expect(JSON.stringify(log.config.safeParse({ forbid: 'x' }).error?.issues)).toContain(
    'expected path, pods, search or journal',
  )
})
