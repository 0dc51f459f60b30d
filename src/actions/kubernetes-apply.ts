/** `yaml run kind: kubernetes-apply`: manifests are tried on the cluster, applied by it, and waited for. */
import { z } from 'zod'
import { KubernetesFault } from '../core/kubernetes/api.ts'
import { apply, type ApplyAs, type DryRun, dryRun, firstOf, type Placed, placed } from '../core/kubernetes/apply.ts'
import type { Cluster } from '../core/kubernetes/cluster.ts'
import { calledAs, type Manifest, withValues } from '../core/kubernetes/manifest.ts'
import { followedKinds, rolloutState } from '../core/kubernetes/rollout-state.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { clusterSettings, everyField, inCluster, waitField, waitUntilOut, withCluster } from './parts/cluster.ts'
import { manifestsAt } from './parts/manifest-files.ts'

const text = z.string().min(1)

const config = z
  .strictObject({
    ...clusterSettings.fields,
    path: z
      .union([text, z.array(text).min(1)])
      .optional()
      .describe('Files, or files with *, relative to `cwd`'),
    manifest: z
      .looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({ name: text }) })
      .optional()
      .describe('Instead of files: one object'),
    values: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), z.number()]))
      .default({})
      .describe('Values of `${NAME}` in texts of the manifests, such as `TAG: "{{ version }}"`'),
    'take-over': z
      .boolean()
      .default(false)
      .describe('Fields that somebody else owns become ours, instead of a refusal'),
    manager: text.max(128).default('holdpoint').describe('Who owns the fields that are applied'),
    wait: waitField,
    every: everyField,
  })
  .refine((given) => (given.path === undefined) !== (given.manifest === undefined), {
    error: 'expected path or manifest, one of them',
  })

type Config = z.infer<typeof config>

export const kubernetesApply = defineAction({
  kind: 'kubernetes-apply',
  summary: 'Manifests are tried on a Kubernetes cluster, all of them, then applied by it and waited for',
  config,
  timeoutMs: 900_000,
  example:
    '```yaml run\nkind: kubernetes-apply\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\npath: k8s/production/*.yaml\nvalues: { TAG: "{{ version }}" }\n```',
  captures: ['changed'],
  takes: clusterSettings.takes,
  secrets: (given) => clusterSettings.secrets(given),
  programs: [],
  addresses: inCluster,
  run: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const all = await manifestsOf(given)
      const first = firstOf(all)
      const changed: string[] = []
      const ordered: Placed[] = []
      // What others of the set live in has to be there before the cluster can try them.
      for (const wave of [first, all.filter((one) => !first.includes(one))]) {
        const tried = await tryAll(cluster, wave, asOf(given))
        for (const one of tried) {
          ordered.push(one)
          powers.say(
            `${calledAs(one.manifest)} ${one.live === null ? 'is made' : one.changes ? 'is changed' : 'is so already'}`,
          )
          if (!one.changes) continue
          await apply(cluster, one, asOf(given))
          changed.push(calledAs(one.manifest))
        }
      }
      powers.capture('changed', changed.join(' '))
      const waited = given.wait ? await waitForAll(cluster, ordered, given.every, powers) : []
      return [`${changed.length} of ${all.length} objects changed`, ...waited].join('; ')
    }),
  probe: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const all = await manifestsOf(given)
      const first = await tryAll(cluster, firstOf(all), asOf(given))
      if (first.some(({ changes }) => changes)) return false
      const tried = await tryAll(cluster, all, asOf(given))
      return tried.every((one) => !one.changes && (!given.wait || isOut(one)))
    }),
})

async function manifestsOf({ path, manifest, values }: Config): Promise<readonly Manifest[]> {
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
  const own: readonly Manifest[] = [{ file: 'manifest', line: 1, object: (manifest ?? {}) as Manifest['object'] }]
  const found = manifest === undefined ? await manifestsAt([path ?? []].flat()) : own
  return found.map((one) => ({ ...one, object: withValues(one.object, texts) }))
}

function asOf(given: Config): ApplyAs {
  return { manager: given.manager, takeOver: given['take-over'] }
}

/** Each by a dry run; what the cluster would not take is said of all of them, and nothing has been changed. */
async function tryAll(cluster: Cluster, wave: readonly Manifest[], as: ApplyAs): Promise<readonly DryRun[]> {
  const tried: DryRun[] = []
  const refusals: string[] = []
  for (const manifest of wave) {
    try {
      tried.push(await dryRun(cluster, await placed(cluster, manifest), as))
    } catch (fault) {
      if (!(fault instanceof KubernetesFault)) throw fault
      refusals.push(fault.message)
    }
  }
  if (refusals.length > 0) throw new ActionFault(refusals.slice(0, 10).join('\n'))
  return tried
}

function isOut({ resource, live }: DryRun): boolean {
  return !followedKinds.includes(resource.kind) || (live !== null && rolloutState(resource.kind, live).state === 'done')
}

async function waitForAll(
  cluster: Cluster,
  ordered: readonly Placed[],
  every: string,
  powers: ActionPowers,
): Promise<readonly string[]> {
  const said: string[] = []
  for (const { resource, path } of ordered)
    if (followedKinds.includes(resource.kind))
      said.push(await waitUntilOut(cluster, resource.kind, path, every, powers))
  return said
}
