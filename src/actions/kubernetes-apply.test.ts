import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Json } from '../core/units.ts'
import { type ShopWorld, shopWorld, workload } from './parts/cluster.fixture.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let world: ShopWorld
beforeEach(async () => (world = await shopWorld({})))
afterEach(() => world.end())

const apply = (config: Readonly<Record<string, Json>>): Promise<ActionEnd> =>
  runActionProcess('kubernetes-apply', 'run', { ...world.config, ...config }, world)
const manifest = (name: string, image: string): string =>
  JSON.stringify({ ...workload('Deployment', name, image), metadata: { name } })

test('what was there is taken over where the checklist says so, and a field that was ours and is said no more goes away', async () => {
  world.file('api.yaml', manifest('api', 'shop/api:2').replace('"replicas":2', '"replicas":3,"minReadySeconds":5'))
  const taken = await apply({ path: 'api.yaml', 'take-over': true })
  expect(taken).toMatchObject({ exitCode: 0, captured: { changed: 'Deployment/api' } })
  expect(taken.stdout).toContain('1 of 1 objects changed; deployment/api: 3 of 3 pods are available')
  world.file('api.yaml', manifest('api', 'shop/api:2').replace('"replicas":2', '"replicas":3'))
  expect(await apply({ path: 'api.yaml' })).toMatchObject({ exitCode: 0 })
  expect(world.api.cluster.peek('Deployment', 'api')?.['spec']).not.toHaveProperty('minReadySeconds')
})

test('a namespace of the set is made before what lives in it is tried, and a job is waited for', async () => {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', namespace: 'next' },
    spec: { template: { spec: { containers: [{ name: 'm', image: 'shop/m:1' }] } } },
  }
  world.file('a.yaml', JSON.stringify(job))
  world.file('b.yaml', '{ apiVersion: v1, kind: Namespace, metadata: { name: next } }')
  const ended = await apply({ path: ['a.yaml', 'b.yaml'] })
  expect(ended.stdout).toContain('2 of 2 objects changed; job/migrate is complete')
})

test('one object may stand in the block, and its values stay values', async () => {
  const object = {
    apiVersion: 'stream.example.com/v1alpha1',
    kind: 'Session',
    metadata: { name: 'test-{{ version }}' },
    spec: { user: '{{ user }}' },
  }
  const given = { ...world, variables: { version: '2', user: 'ana", admin: "yes' } }
  const ended = await runActionProcess('kubernetes-apply', 'run', { ...world.config, manifest: object }, given)
  expect(ended).toMatchObject({ exitCode: 0 })
  expect(world.api.cluster.peek('Session', 'test-2')?.['spec']).toEqual({ user: 'ana", admin: "yes' })
})
