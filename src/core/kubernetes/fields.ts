/** Settings that everything about a Kubernetes cluster has: where its API answers, with which token, and which namespace is meant. */
import { z } from 'zod'
import type { Json } from '../units.ts'

const defaultToken = 'KUBERNETES_TOKEN'

const secretName = z.string().regex(/^[A-Za-z_]\w*$/, {
  error: 'expected the name of a secret such as KUBERNETES_TOKEN, never its value',
})

const placeFields = {
  server: z
    .string()
    .regex(/^(?:https?:\/\/\S|\{\{)/, { error: 'expected an address such as https://cluster.example.com:6443' })
    .default('https://kubernetes.default.svc')
    .describe('Address of the API; else the one that pods of the cluster see'),
  token: z
    .union([secretName, z.literal(false)])
    .default(defaultToken)
    .describe('Name of the secret that holds the token; `false` sends none, for `kubectl proxy` on this machine'),
  ca: secretName
    .optional()
    .describe("Name of the secret that holds the cluster's own certificate; absent = the usual ones are trusted"),
  namespace: z.string().min(1).default('default').describe('Namespace of what is named without one'),
}

/** What `sources: { NAME: { kind: kubernetes, … } }` says. */
export const clusterSource = z.strictObject(placeFields)

/** The same in a block, where `on` takes it from a source. */
export const kubernetesFields = {
  on: z
    .string()
    .min(1)
    .optional()
    .describe('Source of the kind `kubernetes` that says the next four; absent = the only one there is'),
  ...placeFields,
}

export interface KubernetesSettings {
  readonly server: string
  readonly token: string | false
  readonly ca?: string | undefined
  readonly namespace: string
}

/** Of settings as they are written: what is not said has its default. */
export function kubernetesSecrets({ token, ca }: { readonly token?: Json; readonly ca?: Json }): readonly string[] {
  const tokens = token === false ? [] : [typeof token === 'string' ? token : defaultToken]
  return [...tokens, ...(typeof ca === 'string' ? [ca] : [])]
}

/** The kind of source whose settings blocks about a cluster take. */
export const kubernetesSource = (): string => 'kubernetes'
