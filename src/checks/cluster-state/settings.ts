/** Settings of `kubernetes`: what is asked about a cluster. */
import { z } from 'zod'
import { isFieldPath } from '../../core/kubernetes/fields-of.ts'
import { kubernetesFields, type KubernetesSettings } from '../../core/kubernetes/fields.ts'
import { readNamed } from '../../core/kubernetes/resources.ts'
import type { Pattern } from '../../core/plan/pattern.ts'
import { ConfigFault, durationField, fill, millisOf, patternField, patternOf } from '../parts/fields.ts'

const text = z.string().min(1)
const named = text.refine((written) => written.includes('{{') || readNamed(written) !== null, {
  error:
    'expected a type and a name such as deployment/api, or a type with its group such as sessions.example.com/test',
})
const values = z.union([text, z.number(), z.boolean()])

export const config = z.strictObject({
  ...kubernetesFields,
  rollout: z
    .union([named, z.array(named).min(1)])
    .optional()
    .describe(
      'Workloads whose newest version is out, as `kubectl rollout status` tells it: `deployment/api`; also jobs',
    ),
  pods: text
    .optional()
    .describe('Pods that are all ready: labels such as `app=api`, those of a workload such as `deploy/api`, or `all`'),
  image: text.optional().describe('With `pods`: an image that each of them runs'),
  'max-restarts': z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('With `pods`: how often their containers may have restarted'),
  resource: named
    .optional()
    .describe('Something that is there: `TYPE/NAME`, `TYPE` for all of them; rare types with their group'),
  selector: text.optional().describe('With `resource`: only those with these labels'),
  'at-least': z.number().int().min(0).max(10_000).default(1).describe('Fewest pods, or of the resource'),
  'newer-than': durationField.optional().describe('With `resource`: only those made at most this long ago count'),
  field: text
    .refine((path) => isFieldPath(path), { error: 'expected a path such as status.phase' })
    .optional()
    .describe('With `resource`: a field such as `status.phase`, also for `value` in `expect`'),
  is: z
    .union([values, z.array(values).min(1)])
    .optional()
    .describe('What the field has to be, of each; one of several'),
  'fails-at': z.array(values).default([]).describe('Values of the field with which waiting ends at once'),
  condition: text.optional().describe('With `resource`: a condition that is `True`, such as `Ready`'),
  absent: z.boolean().default(false).describe('`resource` is not there; the namespace has to be'),
  quiet: durationField.optional().describe('No event of the namespace warned in this time'),
  ignore: patternField.optional().describe('With `quiet`: warnings that may be there, of `Pod/NAME REASON: MESSAGE`'),
  accepts: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe(
      "Manifests that the cluster accepts in a dry run, which changes nothing: files, or files with *, relative to the checklist's folder",
    ),
  within: durationField.optional().describe('It may take this long from the first look; absent = it has to be so now'),
  every: durationField.default('2s').describe('How often it is looked at'),
})

export type Config = z.infer<typeof config>

/** With their values, ready to be asked. */
export interface Asked {
  readonly rollout: readonly string[]
  readonly pods: string | null
  readonly image: string | null
  readonly maxRestarts: number | null
  readonly resource: string | null
  readonly selector: string | null
  readonly atLeast: number
  readonly newerThan: string | null
  readonly newerThanMs: number | null
  readonly field: string | null
  readonly is: readonly string[]
  readonly failsAt: readonly string[]
  readonly condition: string | null
  readonly absent: boolean
  readonly quiet: string | null
  readonly quietMs: number | null
  readonly ignore: Pattern | null
}

/** What does not belong together, in words; null = fine. */
export function slipOf(given: Config): string | null {
  const lacks = (
    needed: 'pods' | 'resource' | 'field' | 'quiet',
    ...names: readonly (keyof Config)[]
  ): string | null => {
    const name = names.find((one) => given[one] !== undefined)
    return name === undefined || given[needed] !== undefined ? null : `expected ${needed} beside ${name}`
  }
  if ([given.rollout, given.pods, given.resource, given.quiet, given.accepts].every((one) => one === undefined))
    return 'expected at least one thing to ask, such as rollout: deployment/api'
  if (given.absent && given.resource === undefined) return 'expected resource beside absent'
  if (given.absent && [given.field, given.condition, given['newer-than']].some((one) => one !== undefined))
    return 'expected absent without field, condition or newer-than'
  if (given['fails-at'].length > 0 && given.field === undefined) return 'expected field beside fails-at'
  return (
    lacks('pods', 'image', 'max-restarts') ??
    lacks('resource', 'selector', 'newer-than', 'field', 'condition') ??
    lacks('field', 'is') ??
    lacks('quiet', 'ignore')
  )
}

export function placeOf(given: Config, variables: Readonly<Record<string, string>>): KubernetesSettings {
  return { ...given, server: fill(given.server, variables), namespace: fill(given.namespace, variables) }
}

export function askedOf(given: Config, variables: Readonly<Record<string, string>>): Asked {
  const put = (one: string | undefined): string | null => (one === undefined ? null : filled(one, variables))
  return {
    rollout: [given.rollout ?? []].flat().map((one) => filled(one, variables)),
    pods: put(given.pods),
    image: put(given.image),
    maxRestarts: given['max-restarts'] ?? null,
    resource: put(given.resource),
    selector: put(given.selector),
    atLeast: given['at-least'],
    newerThan: given['newer-than'] ?? null,
    newerThanMs: given['newer-than'] === undefined ? null : millisOf(given['newer-than']),
    field: given.field ?? null,
    is: [given.is ?? []].flat().map((one) => filled(String(one), variables)),
    failsAt: given['fails-at'].map(String),
    condition: put(given.condition),
    absent: given.absent,
    quiet: given.quiet ?? null,
    quietMs: given.quiet === undefined ? null : millisOf(given.quiet),
    ignore: given.ignore === undefined ? null : patternOf(given.ignore),
  }
}

function filled(written: string, variables: Readonly<Record<string, string>>): string {
  const value = fill(written, variables)
  if (value.trim() === '') throw new ConfigFault(`${written} comes out empty`)
  return value
}
