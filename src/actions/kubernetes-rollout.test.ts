import { afterEach, beforeEach, expect, test } from 'vitest'
import { workload } from '../../test/support/kubernetes-objects.ts'
import { type ShopWorld, shopWorld } from './parts/cluster.fixture.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let world: ShopWorld
beforeEach(async () => (world = await shopWorld({ workload: 'deployment/api' })))
afterEach(() => world.end())

const roll = (
  config: Readonly<Record<string, string | number | boolean>>,
  step = 'action-1',
  kind = 'kubernetes-rollout',
): Promise<ActionEnd> =>
  runActionProcess(
    kind,
    'run',
    { ...world.config, ...config },
    { ...world, env: { ...world.env, HOLDPOINT_ATTEMPT: `r-1/go/${step}/1` } },
  )
const image = (kind = 'Deployment', name = 'api'): unknown =>
  (world.api.cluster.peek(kind, name) as { spec: { template: { spec: { containers: { image: string }[] } } } }).spec
    .template.spec.containers[0]?.image

test('what ran before is given to later steps, also by an attempt that finds the new image there', async () => {
  const first = await roll({ image: 'shop/api:2', wait: false })
  expect(first).toMatchObject({ exitCode: 0, captured: { previous_image: 'shop/api:1' } })
  const second = await roll({ image: 'shop/api:2' })
  expect(second).toMatchObject({ exitCode: 0, captured: { previous_image: 'shop/api:1' } })
  expect(second.stdout).toMatch(/it runs shop\/api:2 already; deployment\/api: 2 of 2 pods are available\n$/)
})

test('a version that the cluster gives up is a failure, and going back undoes exactly one revision, once a step', async () => {
  expect(await roll({ image: 'shop/api:2' })).toMatchObject({ exitCode: 0 })
  const broken = await roll({ image: 'shop/api:broken' }, 'action-2')
  expect(broken).toMatchObject({ exitCode: 1 })
  expect(broken.stderr).toContain('deployment/api made no progress in time')
  const back = await roll({ undo: true }, 'undo-1')
  expect(back.stdout).toContain('deployment/api goes back from revision 3 to 2; deployment/api: 2 of 2')
  expect((await roll({ undo: true }, 'undo-1')).stdout).toContain('was taken back by this step already')
  expect(image()).toBe('shop/api:2')
  expect((await roll({ undo: 9 }, 'undo-2')).stderr).toContain('has no revision 9; the cluster keeps 4, 3, 1')
})

test('a stateful set goes back as well, and pods start anew once for each step', async () => {
  const { cluster } = world.api
  cluster.put(workload('StatefulSet', 'queue', 'shop/queue:2'))
  cluster.edit(
    'StatefulSet',
    'queue',
    (object) => void (object['status'] = { ...(object['status'] as object), updateRevision: 'queue-b' }),
  )
  const { uid } = (cluster.peek('StatefulSet', 'queue') as { metadata: { uid: string } }).metadata
  for (const [name, revision, tag] of [
    ['queue-a', 1, '1'],
    ['queue-b', 2, '2'],
  ] as const)
    cluster.put({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace: 'shop',
        labels: { app: 'queue' },
        ownerReferences: [{ uid, kind: 'StatefulSet', name: 'queue' }],
      },
      revision,
      data: {
        spec: {
          template: {
            $patch: 'replace',
            metadata: { labels: { app: 'queue' } },
            spec: { containers: [{ name: 'queue', image: `shop/queue:${tag}` }] },
          },
        },
      },
    })
  const back = await roll({ workload: 'sts/queue', undo: true, wait: false })
  expect(back.stdout).toContain('goes back from revision 2 to 1')
  expect(image('StatefulSet', 'queue')).toBe('shop/queue:1')
  await roll({ restart: true })
  const once = cluster.peek('Deployment', 'api')
  expect((await roll({ restart: true })).stdout).toContain('was restarted by this step already')
  expect(cluster.peek('Deployment', 'api')?.['spec']).toEqual(once?.['spec'])
  await roll({ restart: true }, 'action-2')
  expect(cluster.peek('Deployment', 'api')?.['spec']).not.toEqual(once?.['spec'])
})

test('how many pods there were is kept, and nothing can be asked of a release that is none', async () => {
  const scaled = await roll({ replicas: 0 }, 'action-1', 'kubernetes-scale')
  expect(scaled).toMatchObject({ exitCode: 0, captured: { previous_replicas: '2' } })
  expect(scaled.stdout).toContain('deployment/api has 0 pods instead of 2; deployment/api: 0 of 0 pods are available')
  const alone = await runActionProcess(
    'kubernetes-rollout',
    'run',
    { ...world.config, restart: true },
    { cwd: world.cwd, env: { KUBERNETES_TOKEN: world.api.token } },
  )
  expect(alone.stderr).toBe('it belongs to no release, and could not be told from another\n')
})
