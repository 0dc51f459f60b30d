/** `yaml run kind: kubernetes-scale`: a workload has so many pods, and they are waited for. */
import { z } from 'zod'
import { findOne } from '../core/kubernetes/cluster.ts'
import { numberAt } from '../core/kubernetes/fields-of.ts'
import { rolloutState } from '../core/kubernetes/rollout-state.ts'
import { ActionFault, defineAction } from '../core/ports/action.ts'
import {
  beforeOf,
  clusterSettings,
  everyField,
  guardOf,
  inCluster,
  markOf,
  noteOf,
  patiently,
  thenOut,
  waitField,
  withCluster,
  workloadField,
} from './parts/cluster.ts'

const config = z.strictObject({
  ...clusterSettings.fields,
  workload: workloadField,
  replicas: z
    .union([
      z.number().int().min(0).max(10_000),
      z.string().regex(/^(?:\d{1,4}|\{\{[^}]*\}\})$/, { error: 'expected a number such as 3' }),
    ])
    .describe('How many pods; 0 stops it'),
  wait: waitField,
  every: everyField,
})

export const kubernetesScale = defineAction({
  kind: 'kubernetes-scale',
  summary: 'A workload of Kubernetes has so many pods, and they are waited for',
  config,
  timeoutMs: 900_000,
  example:
    '```yaml run\nkind: kubernetes-scale\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\nworkload: deployment/worker\nreplicas: 0\n```',
  captures: ['previous_replicas'],
  takes: clusterSettings.takes,
  secrets: (given) => clusterSettings.secrets(given),
  programs: [],
  addresses: inCluster,
  run: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const wanted = Number(given.replicas)
      const said = await patiently(async () => {
        const { object, path, resource } = await findOne(cluster, given.workload)
        if (resource.kind !== 'Deployment' && resource.kind !== 'StatefulSet' && resource.kind !== 'ReplicaSet')
          throw new ActionFault(`a ${resource.kind} has no number of pods that could be set`)
        const now = numberAt(object, 'spec.replicas') ?? 1
        const before = beforeOf(object, markOf(powers)) ?? String(now)
        powers.capture('previous_replicas', before)
        if (now === wanted) return `${given.workload} has ${wanted} pods already`
        await cluster.api.patch(`${path}?fieldManager=holdpoint`, 'merge', {
          metadata: { ...guardOf(object), annotations: noteOf(markOf(powers), before) },
          spec: { replicas: wanted },
        })
        return `${given.workload} has ${wanted} pods instead of ${now}`
      }, powers)
      return thenOut(cluster, said, given, powers)
    }),
  probe: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const { object, resource } = await findOne(cluster, given.workload)
      if (numberAt(object, 'spec.replicas') !== Number(given.replicas)) return false
      return !given.wait || rolloutState(resource.kind, object).state === 'done'
    }),
})
