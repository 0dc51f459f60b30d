import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CheckResult } from '../core/ports/check.ts'
import { manifests } from './manifests.ts'
import { runCheck } from './parts/powers.fixture.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'holdpoint-manifests-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const sound = `apiVersion: v1
kind: Service
metadata: { name: api }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 1 } }
  template:
    metadata: { labels: { app: api } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: api
          image: registry.example.com:5000/shop/api:1.4.0
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
          livenessProbe: { httpGet: { path: /live, port: 80 } }
          readinessProbe: { tcpSocket: { port: 80 } }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`
const look = (text: string, config: Record<string, unknown> = {}): Promise<CheckResult> => {
  writeFileSync(join(root, 'api.yaml'), text)
  return runCheck(manifests as never, { path: '*.yaml', ...config }, { root })
}
const told = async (text: string, config: Record<string, unknown> = {}): Promise<readonly unknown[]> =>
  (await look(text, config)).facts?.['problems'] as readonly unknown[]

test('manifests that keep every rule pass, and are counted', async () => {
  expect(await look(sound)).toMatchObject({
    outcome: 'passed',
    say: '1 workload of 2 objects keep valid, resources, probes, strategy, images, restricted',
    facts: { objects: 2, workloads: 1, problems: [] },
  })
})

const broken: readonly (readonly [slip: string, change: (text: string) => string, problem: string])[] = [
  [
    'no limits',
    (text) => text.replace(', limits: { memory: 128Mi }', ''),
    'container api has no resources.limits.memory',
  ],
  ['no probe', (text) => text.replace(/ +readinessProbe.*\n/, ''), 'container api has no readinessProbe'],
  [
    'a probe that asks nothing',
    (text) => text.replace('tcpSocket: { port: 80 }', 'periodSeconds: 5'),
    'container api has no readinessProbe',
  ],
  [
    'no strategy',
    (text) => text.replace(/ +strategy.*\n/, ''),
    'spec.strategy.type is not said, RollingUpdate expected',
  ],
  ['another strategy', (text) => text.replace('RollingUpdate', 'Recreate'), 'spec.strategy.type is Recreate'],
  ['a tag that moves', (text) => text.replace('api:1.4.0', 'api:latest'), 'whatever that is on the day'],
  ['no tag', (text) => text.replace('api:1.4.0', 'api'), 'which has no tag'],
  [
    'root',
    (text) => text.replace('runAsNonRoot: true', 'runAsNonRoot: false'),
    'container api has no runAsNonRoot: true',
  ],
  [
    'privileged',
    (text) => text.replace('allowPrivilegeEscalation: false', 'privileged: true, allowPrivilegeEscalation: false'),
    'container api is privileged',
  ],
  [
    'the network of the host',
    (text) => text.replace('containers:', 'hostNetwork: true\n      containers:'),
    'hostNetwork is true',
  ],
  [
    'a folder of the host',
    (text) => text.replace('containers:', 'volumes: [{ name: disk, hostPath: { path: / } }]\n      containers:'),
    'volume disk is a folder of the host',
  ],
  [
    'capabilities',
    (text) => text.replace('drop: [ALL]', 'drop: [ALL], add: [SYS_ADMIN]'),
    'container api adds the capability SYS_ADMIN',
  ],
  [
    'a selector of nobody',
    (text) => text.replace('labels: { app: api }', 'labels: { app: web }'),
    'do not have the label app="api"',
  ],
  [
    'the same object twice',
    (text) => `${text}---\n${text.slice(0, text.indexOf('---'))}`,
    'Service/api stands in api.yaml:1 already',
  ],
]
for (const [slip, change, problem] of broken)
  test(`${slip}: the file, the line and the rule are told, and nothing else`, async () => {
    expect(await told(change(sound))).toEqual([expect.stringContaining(problem)])
  })

test('an exception is for one object and one rule, and one that is of no use fails', async () => {
  const text = sound.replace('api:1.4.0', 'api')
  expect(await told(text, { except: { 'Deployment/api': ['images'] } })).toEqual([])
  expect(await told(text, { except: { 'Deployment/api': ['probes'] } })).toHaveLength(1)
  expect((await look(sound, { except: { 'Deployment/web': 'all' } })).say).toBe(
    'except names what is not there: Deployment/web',
  )
})

test('jobs need no probes; a chart that is not rendered, a text of nothing and no workload at all are no proof', async () => {
  const job = sound
    .replace('apps/v1', 'batch/v1')
    .replace('kind: Deployment', 'kind: Job')
    .replace(/ +livenessProbe.*\n/, '')
  expect(await told(job)).toEqual([])
  expect((await look('{{- if .Values.web }}\nkind: Service\n{{- end }}\n')).say).toContain(
    'a chart has to be rendered first',
  )
  expect((await look(sound.slice(0, sound.indexOf('---')))).outcome).toBe('inconclusive')
  expect((await look('just words')).say).toBe('api.yaml:1 is no manifest: expected apiVersion, kind and metadata')
})
