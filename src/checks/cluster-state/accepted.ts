/** Would the cluster take these manifests? Its own dry run says so. */
import { KubernetesFault } from '../../core/kubernetes/api.ts'
import { dryRun, placed } from '../../core/kubernetes/apply.ts'
import type { Cluster } from '../../core/kubernetes/cluster.ts'
import { calledAs, type Manifest } from '../../core/kubernetes/manifest.ts'
import type { Look } from './look.ts'

/** Who owns a field now is no question here: the action that applies asks it. */
const as = { manager: 'holdpoint', takeOver: true }

export async function accepted(cluster: Cluster, manifests: readonly Manifest[]): Promise<Look> {
  const lines: string[] = []
  const refusals: string[] = []
  for (const manifest of manifests) {
    const refusal = await refusalOf(cluster, manifest)
    lines.push(refusal ?? `${manifest.file}:${manifest.line} ${calledAs(manifest)} is accepted`)
    if (refusal !== null) refusals.push(refusal)
  }
  const facts = { manifests: manifests.length }
  if (refusals.length > 0)
    return {
      state: 'failed',
      say: `${refusals.length} of ${manifests.length} manifests are refused: ${refusals[0]}`,
      lines,
      facts,
    }
  if (manifests.length === 0) return { state: 'failed', say: 'the files hold no manifests', lines, facts }
  return { state: 'done', say: `the cluster accepts all ${manifests.length} manifests`, lines, facts }
}

/** What says that the manifest is not good; any other fault is thrown. */
async function refusalOf(cluster: Cluster, manifest: Manifest): Promise<string | null> {
  try {
    await dryRun(cluster, await placed(cluster, manifest), as)
    return null
  } catch (fault) {
    if (fault instanceof KubernetesFault && [400, 404, 409, 415, 422].includes(fault.status)) return fault.message
    throw fault
  }
}
