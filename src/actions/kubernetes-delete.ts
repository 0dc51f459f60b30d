/** `yaml run kind: kubernetes-delete`: one object of a cluster goes away, and is gone. */
import { z } from 'zod'
import { findOne, find, needNamespace } from '../core/kubernetes/cluster.ts'
import { textAt } from '../core/kubernetes/fields-of.ts'
import { readNamed } from '../core/kubernetes/resources.ts'
import { defineAction } from '../core/ports/action.ts'
import { clusterSettings, everyField, inCluster, millisOf, waitField, withCluster } from './parts/cluster.ts'

const config = z.strictObject({
  ...clusterSettings.fields,
  resource: z
    .string()
    .refine((text) => text.includes('{{') || readNamed(text)?.name != null, {
      error: 'expected a type and a name such as session.example.com/test',
    })
    .describe('`TYPE/NAME`; rare types with their group'),
  wait: waitField.describe('Ends once it is gone; `false` once it was ordered'),
  every: everyField,
})

export const kubernetesDelete = defineAction({
  kind: 'kubernetes-delete',
  summary: 'One object of a Kubernetes cluster goes away, and is gone',
  config,
  timeoutMs: 300_000,
  example:
    '```yaml run\nkind: kubernetes-delete\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\nresource: sessions.stream.example.com/test\n```',
  captures: [],
  takes: clusterSettings.takes,
  secrets: (given) => clusterSettings.secrets(given),
  programs: [],
  addresses: inCluster,
  run: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const { objects } = await find(cluster, given.resource, null)
      if (objects.length === 0) {
        await needNamespace(cluster)
        return `there was no ${given.resource}`
      }
      const { object, path } = await findOne(cluster, given.resource)
      const uid = textAt(object, 'metadata.uid')
      await cluster.api.remove(path, uid)
      if (!given.wait) return `${given.resource} is to go`
      // Another that got its name meanwhile is another.
      while (textAt((await cluster.api.get(path)) ?? {}, 'metadata.uid') === uid) {
        powers.say(`${given.resource} is still there`)
        await powers.sleep(millisOf(given.every))
      }
      return `${given.resource} is gone`
    }),
  probe: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      if ((await find(cluster, given.resource, null)).objects.length > 0) return false
      await needNamespace(cluster)
      return true
    }),
})
