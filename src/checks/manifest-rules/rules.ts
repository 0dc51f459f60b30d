/** What is asked of a manifest: resources, probes, a rolling update, fixed images, and the pod security standards. */
import type { KubernetesObject } from '../../core/kubernetes/api.ts'
import { fieldAt, listAt, nameOf, textAt } from '../../core/kubernetes/fields-of.ts'
import { podsOf } from '../../core/kubernetes/manifest.ts'
import { baselineProblems, restrictedProblems } from './security.ts'

export const ruleNames = [
  'valid',
  'resources',
  'cpu-limits',
  'probes',
  'strategy',
  'images',
  'baseline',
  'restricted',
] as const
export type RuleName = (typeof ruleNames)[number]

/** What is wrong, each in a few words; nothing for objects that the rule is not about. */
type Rule = (object: KubernetesObject) => readonly string[]

export const rules: Readonly<Record<RuleName, Rule>> = {
  valid: (object) => [...validName(object), ...validSelector(object)],
  resources: ofContainers((one) =>
    ['requests.cpu', 'requests.memory', 'limits.memory']
      .filter(lacking(one, 'resources'))
      .map((name) => `has no resources.${name}`),
  ),
  'cpu-limits': ofContainers((one) => (lacking(one, 'resources')('limits.cpu') ? ['has no resources.limits.cpu'] : [])),
  probes: (object) =>
    podsOf(object)?.staysUp === true
      ? mainContainers(object).flatMap((one) =>
          ['livenessProbe', 'readinessProbe']
            .filter((name) => !isProbe(one, name))
            .map((name) => `${nameIn(one)} has no ${name}`),
        )
      : [],
  strategy,
  images: ofContainers((one) => imageProblem(textAt(one, 'image'))),
  baseline: (object) => baselineProblems(podsOf(object)?.spec ?? null),
  restricted: (object) => restrictedProblems(podsOf(object)?.spec ?? null),
}

function lacking(container: KubernetesObject, below: string): (path: string) => boolean {
  return (path) => {
    const value = fieldAt(container, `${below}.${path}`)
    return (typeof value !== 'string' || value === '') && typeof value !== 'number'
  }
}

function ofContainers(problemsOf: (container: KubernetesObject) => readonly string[]): Rule {
  return (object) => {
    const pods = podsOf(object)
    if (pods === null) return []
    const all = [...listAt(pods.spec, 'initContainers'), ...listAt(pods.spec, 'containers')]
    if (all.length === 0) return ['has no containers']
    return all.flatMap((one) => problemsOf(one).map((problem) => `${nameIn(one)} ${problem}`))
  }
}

function mainContainers(object: KubernetesObject): readonly KubernetesObject[] {
  return listAt(podsOf(object)?.spec, 'containers')
}

function nameIn(container: KubernetesObject): string {
  return `container ${textAt(container, 'name') || 'without a name'}`
}

/** One that asks nothing is no probe. */
function isProbe(container: KubernetesObject, name: string): boolean {
  return ['httpGet', 'tcpSocket', 'exec', 'grpc'].some((how) => fieldAt(container, `${name}.${how}`) !== undefined)
}

function strategy(object: KubernetesObject): readonly string[] {
  const kind = textAt(object, 'kind')
  const path = { Deployment: 'spec.strategy', StatefulSet: 'spec.updateStrategy', DaemonSet: 'spec.updateStrategy' }[
    kind
  ]
  if (path === undefined) return []
  const type = textAt(object, `${path}.type`)
  if (type !== 'RollingUpdate') return [`${path}.type is ${type === '' ? 'not said' : type}, RollingUpdate expected`]
  const [surge, unavailable] = ['maxSurge', 'maxUnavailable'].map((name) =>
    fieldAt(object, `${path}.rollingUpdate.${name}`),
  )
  return unavailable === '100%' && surge !== undefined ? [`${path} lets every pod be away at once`] : []
}

/** A tag that moves is no version. */
function imageProblem(image: string): readonly string[] {
  if (image === '') return ['has no image']
  if (image.includes('@sha256:')) return []
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  if (tag === undefined) return [`runs ${image}, which has no tag`]
  return tag === 'latest' ? [`runs ${image}, whatever that is on the day`] : []
}

function validName(object: KubernetesObject): readonly string[] {
  const name = nameOf(object)
  // Names of roles and the like may hold more.
  const isLoose = textAt(object, 'apiVersion').startsWith('rbac.')
  return isLoose || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name) ? [] : [`"${name}" cannot be a name`]
}

function validSelector(object: KubernetesObject): readonly string[] {
  if (!['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(textAt(object, 'kind'))) return []
  const wanted = fieldAt(object, 'spec.selector.matchLabels')
  const labels = (fieldAt(object, 'spec.template.metadata.labels') ?? {}) as KubernetesObject
  if (wanted === undefined && fieldAt(object, 'spec.selector.matchExpressions') === undefined)
    return ['has no spec.selector']
  const lost = Object.entries((wanted ?? {}) as KubernetesObject).find(([name, value]) => labels[name] !== value)
  return lost === undefined
    ? []
    : [`its pods do not have the label ${lost[0]}=${JSON.stringify(lost[1])} that it selects them by`]
}
