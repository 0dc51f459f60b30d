/** Is what somebody ordered really there? Of workloads, pods, jobs and anything that says `Ready`; pure. */
import type { KubernetesObject } from './api.ts'
import { conditionOf, fieldAt, listAt, nameOf, numberAt, textAt } from './fields-of.ts'

export interface RolloutState {
  /** `failed` does not become `done` by waiting. */
  readonly state: 'done' | 'waiting' | 'failed'
  /** With its numbers. */
  readonly say: string
}

/** Kinds that `rolloutState` follows to an end. */
export const followedKinds: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod', 'ReplicaSet']

/** As `kubectl rollout status` tells it. `kind` as the cluster has it; of another one, what its conditions say. */
export function rolloutState(kind: string, object: KubernetesObject): RolloutState {
  const what = `${kind.toLowerCase()}/${nameOf(object)}`
  if (fieldAt(object, 'metadata.deletionTimestamp') !== undefined)
    return { state: 'failed', say: `${what} is being deleted` }
  const generation = numberAt(object, 'metadata.generation')
  const observed = numberAt(object, 'status.observedGeneration')
  const isFollowed = kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet' || kind === 'ReplicaSet'
  if (isFollowed && (generation === null || observed === null || observed < generation))
    return { state: 'waiting', say: `${what} has not been looked at by its controller since it was changed` }
  switch (kind) {
    case 'Deployment':
      return deployment(object, what)
    case 'StatefulSet':
      return statefulSet(object, what)
    case 'DaemonSet':
      return daemonSet(object, what)
    case 'ReplicaSet':
      return counted(what, numberAt(object, 'spec.replicas') ?? 1, object, 'replicas', 'readyReplicas')
    case 'Job':
      return job(object, what)
    case 'Pod':
      return pod(object)
    case 'Rollout':
      return argoRollout(object, what)
    default:
      return conditions(object, what)
  }
}

function deployment(object: KubernetesObject, what: string): RolloutState {
  const progress = conditionOf(object, 'Progressing')
  if (progress?.reason === 'ProgressDeadlineExceeded' && isOfNow(object))
    return { state: 'failed', say: `${what} made no progress in time: ${progress.message}` }
  const wanted = numberAt(object, 'spec.replicas') ?? 1
  const total = count(object, 'replicas')
  const updated = count(object, 'updatedReplicas')
  if (total > updated && updated >= wanted)
    return { state: 'waiting', say: `${what}: ${total - updated} old pods have not ended yet` }
  if (updated < wanted) return { state: 'waiting', say: `${what}: ${updated} of ${wanted} pods are of this version` }
  return available(what, wanted, count(object, 'availableReplicas'))
}

/**
 * The controller leaves what it said of the version before until the new one gets on: somebody who goes back from a
 * version that hangs would be told at once that this hangs too. It counts where it was said since the last change.
 */
function isOfNow(object: KubernetesObject): boolean {
  const condition = listAt(object, 'status.conditions').find((one) => one['type'] === 'Progressing')
  const saidAt = Date.parse(textAt(condition, 'lastUpdateTime'))
  const changes = listAt(object, 'metadata.managedFields')
    .filter((one) => one['subresource'] !== 'status')
    .map((one) => Date.parse(textAt(one, 'time')))
    .filter(Number.isFinite)
  return !(saidAt < Math.max(...changes))
}

function statefulSet(object: KubernetesObject, what: string): RolloutState {
  const wanted = numberAt(object, 'spec.replicas') ?? 1
  const partition = numberAt(object, 'spec.updateStrategy.rollingUpdate.partition') ?? 0
  const toUpdate = Math.max(0, wanted - partition)
  const updated = count(object, 'updatedReplicas')
  const isSame = textAt(object, 'status.currentRevision') === textAt(object, 'status.updateRevision')
  if (partition === 0 ? !isSame : updated < toUpdate)
    return { state: 'waiting', say: `${what}: ${updated} of ${toUpdate} pods are of this version` }
  return available(what, wanted, count(object, 'readyReplicas'))
}

function daemonSet(object: KubernetesObject, what: string): RolloutState {
  const wanted = count(object, 'desiredNumberScheduled')
  const updated = count(object, 'updatedNumberScheduled')
  if (updated < wanted) return { state: 'waiting', say: `${what}: ${updated} of ${wanted} pods are of this version` }
  return available(what, wanted, count(object, 'numberAvailable'))
}

function counted(what: string, wanted: number, object: KubernetesObject, all: string, ready: string): RolloutState {
  const total = count(object, all)
  if (total !== wanted) return { state: 'waiting', say: `${what}: ${total} pods, ${wanted} wanted` }
  return available(what, wanted, count(object, ready))
}

function available(what: string, wanted: number, ready: number): RolloutState {
  const say = `${what}: ${ready} of ${wanted} pods are available`
  return { state: ready >= wanted ? 'done' : 'waiting', say }
}

function job(object: KubernetesObject, what: string): RolloutState {
  const failed = conditionOf(object, 'Failed')
  if (failed?.status === 'True') return { state: 'failed', say: `${what} failed: ${failed.message || failed.reason}` }
  if (conditionOf(object, 'Complete')?.status === 'True') return { state: 'done', say: `${what} is complete` }
  return { state: 'waiting', say: `${what} has not ended: ${count(object, 'succeeded')} pods succeeded` }
}

/** Of Argo, which writes the generation as a text. */
function argoRollout(object: KubernetesObject, what: string): RolloutState {
  const generation = numberAt(object, 'metadata.generation')
  const observed = fieldAt(object, 'status.observedGeneration')
  if (generation !== null && !(Number(observed) >= generation))
    return { state: 'waiting', say: `${what} has not been looked at by its controller since it was changed` }
  const phase = textAt(object, 'status.phase')
  const message = textAt(object, 'status.message')
  const weight = numberAt(object, 'status.canary.weights.canary.weight')
  const step = numberAt(object, 'status.currentStepIndex')
  const where = [step === null ? '' : ` at step ${step}`, weight === null ? '' : `, the canary has ${weight} %`].join(
    '',
  )
  if (phase === 'Healthy') return { state: 'done', say: `${what} is Healthy` }
  if (phase === 'Degraded')
    return { state: 'failed', say: `${what} is Degraded${message === '' ? '' : `: ${message}`}` }
  return { state: 'waiting', say: `${what} is ${phase === '' ? 'not known' : phase}${where}` }
}

/** A pod that has done its work and ended well is fine. */
export function pod(object: KubernetesObject): RolloutState {
  const what = `pod/${nameOf(object)}`
  if (fieldAt(object, 'metadata.deletionTimestamp') !== undefined) return { state: 'waiting', say: `${what} is ending` }
  const phase = textAt(object, 'status.phase')
  if (phase === 'Succeeded') return { state: 'done', say: `${what} ended well` }
  const why = whyNotRunning(object)
  if (phase === 'Failed') return { state: 'failed', say: `${what} failed${why}` }
  if (conditionOf(object, 'Ready')?.status === 'True') return { state: 'done', say: `${what} is ready` }
  return {
    state: 'waiting',
    say: `${what} is ${phase === 'Running' ? 'running but not ready' : phase || 'not known'}${why}`,
  }
}

/** `: CrashLoopBackOff`, of whichever container says one. */
function whyNotRunning(object: KubernetesObject): string {
  const states = [...listAt(object, 'status.initContainerStatuses'), ...listAt(object, 'status.containerStatuses')]
  for (const one of states) {
    const reason = textAt(one, 'state.waiting.reason') || textAt(one, 'state.terminated.reason')
    if (reason !== '' && reason !== 'Completed') return `: ${reason}`
  }
  const reason = textAt(object, 'status.reason')
  return reason === '' ? '' : `: ${reason}`
}

export function restartsOf(object: KubernetesObject): number {
  return listAt(object, 'status.containerStatuses').reduce((sum, one) => sum + (numberAt(one, 'restartCount') ?? 0), 0)
}

function conditions(object: KubernetesObject, what: string): RolloutState {
  for (const type of ['Ready', 'Available', 'Established', 'Accepted']) {
    const condition = conditionOf(object, type)
    if (condition === null) continue
    const detail = condition.message === '' ? '' : `: ${condition.message}`
    if (condition.status === 'True') return { state: 'done', say: `${what} is ${type}` }
    return { state: 'waiting', say: `${what} is not ${type}${detail}` }
  }
  return { state: 'waiting', say: `${what} says neither Ready nor Available` }
}

function count(object: KubernetesObject, name: string): number {
  return numberAt(object, `status.${name}`) ?? 0
}
