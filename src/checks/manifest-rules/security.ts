/** The pod security standards of Kubernetes, baseline and restricted, on the `spec` of pods. */
import type { KubernetesObject } from '../../core/kubernetes/api.ts'
import { fieldAt, listAt, textAt } from '../../core/kubernetes/fields-of.ts'
import type { Json } from '../../core/units.ts'

/** What the container runtime gives by itself. */
const usualCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
)
const restrictedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

export function baselineProblems(spec: KubernetesObject | null): readonly string[] {
  if (spec === null) return []
  const shared = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => spec[name] === true)
  const paths = listAt(spec, 'volumes').filter((one) => one['hostPath'] !== undefined)
  return [
    ...shared.map((name) => `${name} is true`),
    ...paths.map((one) => `volume ${textAt(one, 'name')} is a folder of the host`),
    ...seccomp(spec, 'the pod').filter((problem) => problem.includes('Unconfined')),
    ...containersOf(spec).flatMap((one) => baselineOf(one)),
  ]
}

function baselineOf(container: KubernetesObject): readonly string[] {
  const what = `container ${textAt(container, 'name')}`
  const added = textsAt(container, 'securityContext.capabilities.add').filter((name) => !usualCapabilities.has(name))
  const ports = listAt(container, 'ports').filter((one) => typeof one['hostPort'] === 'number' && one['hostPort'] !== 0)
  const procMount = textAt(container, 'securityContext.procMount')
  return [
    ...(fieldAt(container, 'securityContext.privileged') === true ? [`${what} is privileged`] : []),
    ...added.map((name) => `${what} adds the capability ${name}`),
    ...ports.map((one) => `${what} takes the port ${String(one['hostPort'] as number)} of the host`),
    ...(procMount === '' || procMount === 'Default' ? [] : [`${what} has the procMount ${procMount}`]),
    ...seccomp(container, what).filter((problem) => problem.includes('Unconfined')),
  ]
}

export function restrictedProblems(spec: KubernetesObject | null): readonly string[] {
  if (spec === null) return []
  const volumes = listAt(spec, 'volumes').filter(
    (one) =>
      one['hostPath'] === undefined &&
      !restrictedVolumes.some((kind) => one[kind] !== undefined) &&
      Object.keys(one).length > 1,
  )
  return [
    ...baselineProblems(spec),
    ...volumes.map((one) => `volume ${textAt(one, 'name')} is of a kind that is not restricted`),
    ...(fieldAt(spec, 'securityContext.runAsUser') === 0 ? ['the pod runs as user 0'] : []),
    ...containersOf(spec).flatMap((one) => restrictedOf(one, spec)),
  ]
}

function restrictedOf(container: KubernetesObject, spec: KubernetesObject): readonly string[] {
  const what = `container ${textAt(container, 'name')}`
  // What the container does not say it has from the pod.
  const said = (name: string): Json | undefined =>
    fieldAt(container, `securityContext.${name}`) ?? fieldAt(spec, `securityContext.${name}`)
  const dropsAll = textsAt(container, 'securityContext.capabilities.drop').includes('ALL')
  const added = textsAt(container, 'securityContext.capabilities.add').filter((name) => name !== 'NET_BIND_SERVICE')
  const profile = said('seccompProfile.type')
  return [
    ...(said('runAsNonRoot') === true ? [] : [`${what} has no runAsNonRoot: true`]),
    ...(fieldAt(container, 'securityContext.runAsUser') === 0 ? [`${what} runs as user 0`] : []),
    ...(fieldAt(container, 'securityContext.allowPrivilegeEscalation') === false
      ? []
      : [`${what} has no allowPrivilegeEscalation: false`]),
    ...(dropsAll ? [] : [`${what} does not drop ALL capabilities`]),
    ...added.filter((name) => usualCapabilities.has(name)).map((name) => `${what} adds the capability ${name}`),
    ...(profile === 'RuntimeDefault' || profile === 'Localhost'
      ? []
      : [`${what} has no seccompProfile of the type RuntimeDefault`]),
  ]
}

function seccomp(object: KubernetesObject, what: string): readonly string[] {
  const type = textAt(object, 'securityContext.seccompProfile.type')
  return type === 'Unconfined' ? [`${what} has the seccompProfile Unconfined`] : []
}

function containersOf(spec: KubernetesObject): readonly KubernetesObject[] {
  return [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers'), ...listAt(spec, 'ephemeralContainers')]
}

function textsAt(object: KubernetesObject, path: string): readonly string[] {
  const value = fieldAt(object, path)
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
