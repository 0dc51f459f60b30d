/** A stand-in of a Kubernetes cluster that the cases of actions act on, with a shop in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubernetesApi, startKubernetesApi } from '../../../test/support/kubernetes-api.ts'
import { installed } from '../../../test/support/kubernetes-kinds.ts'
import { namespace, podNames, session, workload } from '../../../test/support/kubernetes-objects.ts'
import type { Row } from '../../../test/support/kubernetes-patches.ts'
import type { Json } from '../../core/units.ts'
import type { ActionWorld } from '../actions.contract.ts'

export { podNames, session, workload }

export interface ShopWorld extends ActionWorld {
  readonly api: KubernetesApi
  readonly env: Readonly<Record<string, string>>
  /** Writes a file beside the checklist. */
  readonly file: (name: string, text: string) => void
}

/** Of Argo: at the pause after its first weight. */
export const pausedRollout: Row = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'api', namespace: 'shop', generation: 1 },
  spec: {
    strategy: {
      canary: { steps: [{ setWeight: 5 }, { pause: {} }, { setWeight: 25 }, { pause: {} }, { setWeight: 50 }] },
    },
  },
  status: {
    observedGeneration: '1',
    currentStepIndex: 1,
    phase: 'Paused',
    controllerPause: true,
    pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-01-01T00:00:00Z' }],
    canary: { weights: { canary: { weight: 5 }, stable: { weight: 95 } } },
  },
}

/** The Deployment `api` runs shop/api:1. */
export async function shopWorld(config: Readonly<Record<string, Json>>): Promise<ShopWorld> {
  const api = await startKubernetesApi()
  api.cluster.kinds.push(...Object.values(installed))
  api.cluster.put(namespace)
  api.cluster.put(workload('Deployment', 'api', 'shop/api:1'))
  const cwd = mkdtempSync(join(tmpdir(), 'holdpoint-shop-'))
  return {
    api,
    cwd,
    file: (name, text) => writeFileSync(join(cwd, name), text),
    env: { KUBERNETES_TOKEN: api.token, HOLDPOINT_RELEASE: 'r-1', HOLDPOINT_ATTEMPT: 'r-1/go/action-1' },
    variables: { version: '2', previous: '1' },
    config: { server: api.base, namespace: 'shop', every: '100ms', ...config },
    state: () => api.cluster.state(),
    end: async () => {
      rmSync(cwd, { recursive: true, force: true })
      await api.close()
    },
  }
}
