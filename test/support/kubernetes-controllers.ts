/** What the controllers of a cluster do, a step whenever somebody looks: replica sets, pods and status of workloads, weights of routes. */
import { createHash } from 'node:crypto'
import { isRow, type Row } from './kubernetes-patches.ts'

/** Objects of one kind by `namespace/name`. */
export interface Shelf {
  readonly all: (kind: string) => readonly Row[]
  readonly put: (kind: string, apiVersion: string, object: Row) => void
  readonly remove: (kind: string, object: Row) => void
}

/** A container with this in its image never gets ready. */
export const broken = 'broken'

/** One step of every controller. */
export function reconcile(shelf: Shelf): void {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'])
    for (const one of shelf.all(kind)) workload(kind, one, shelf)
  for (const one of shelf.all('Job')) job(one)
  for (const one of shelf.all('HTTPRoute')) route(one)
  for (const one of shelf.all('Rollout')) argo(one)
}

interface Meta extends Row {
  name: string
  namespace: string
  uid: string
  generation: number
}

const metaOf = (object: Row): Meta => object['metadata'] as Meta
const specOf = (object: Row): Row => object['spec'] as Row

function workload(kind: string, object: Row, shelf: Shelf): void {
  const { generation } = metaOf(object)
  const status = (object['status'] ?? {}) as Row
  // Between the change and the first look of the controller the old numbers stand there.
  if (status['observedGeneration'] !== generation) {
    const isNew = status['template'] !== hashOf(object)
    const none = isNew
      ? { updatedReplicas: 0, updatedNumberScheduled: 0, conditions: [], updateRevision: hashOf(object) }
      : {}
    object['status'] = { ...status, ...none, template: hashOf(object), observedGeneration: generation, looks: 0 }
    if (kind === 'Deployment') replicaSetOf(object, shelf)
    return
  }
  const looks = Number(status['looks'] ?? 0) + 1
  const replicas = kind === 'DaemonSet' ? 2 : Number(specOf(object)['replicas'] ?? 1)
  const isBroken = imagesOf(object).some((image) => image.includes(broken))
  const ready = isBroken ? 0 : looks >= 2 ? replicas : Math.floor(replicas / 2)
  pods(kind, object, replicas, ready, shelf)
  object['status'] = {
    ...statusOf(kind, replicas, ready, hashOf(object)),
    observedGeneration: generation,
    template: hashOf(object),
    looks,
    ...progress(looks, isBroken),
  }
}

function progress(looks: number, isBroken: boolean): Row {
  const late = isBroken && looks >= 3
  return {
    conditions: [
      late
        ? {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'ReplicaSet has timed out progressing.',
          }
        : { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: '' },
    ],
  }
}

function statusOf(kind: string, replicas: number, ready: number, revision: string): Row {
  if (kind === 'DaemonSet')
    return {
      desiredNumberScheduled: replicas,
      updatedNumberScheduled: replicas,
      numberAvailable: ready,
      numberReady: ready,
    }
  const same = { replicas, updatedReplicas: replicas, readyReplicas: ready, availableReplicas: ready }
  return kind === 'StatefulSet'
    ? { ...same, currentRevision: ready === replicas ? revision : 'before', updateRevision: revision }
    : same
}

export function imagesOf(object: Row): readonly string[] {
  const template = specOf(object)['template'] as { spec?: { containers?: Row[] } } | undefined
  return (template?.spec?.containers ?? []).map((one) => String(one['image']))
}

function hashOf(object: Row): string {
  return createHash('sha256')
    .update(JSON.stringify(specOf(object)['template']))
    .digest('hex')
    .slice(0, 10)
}

function replicaSetOf(object: Row, shelf: Shelf): void {
  const { name, namespace, uid } = metaOf(object)
  const own = shelf.all('ReplicaSet').filter((one) => isOwned(one, uid))
  const hash = hashOf(object)
  const revisions = own.map((one) => Number((metaOf(one)['annotations'] as Row)['deployment.kubernetes.io/revision']))
  const known = own.find((one) => metaOf(one).name === `${name}-${hash}`)
  const newest = Math.max(0, ...revisions)
  const mine =
    known === undefined ? 0 : Number((metaOf(known)['annotations'] as Row)['deployment.kubernetes.io/revision'])
  const revision = mine === newest && mine > 0 ? mine : newest + 1
  const template = structuredClone(specOf(object)['template']) as { metadata: { labels: Row } }
  template.metadata.labels['pod-template-hash'] = hash
  shelf.put('ReplicaSet', 'apps/v1', {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      ownerReferences: [{ kind: 'Deployment', name, uid, controller: true }],
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      labels: template.metadata.labels,
    },
    spec: { replicas: 0, template, selector: specOf(object)['selector'] },
  })
  const meta = metaOf(object)
  meta['annotations'] = { ...(meta['annotations'] as Row), 'deployment.kubernetes.io/revision': String(revision) }
}

function isOwned(object: Row, uid: string): boolean {
  return ((metaOf(object)['ownerReferences'] ?? []) as Row[]).some((one) => one['uid'] === uid)
}

function pods(kind: string, object: Row, replicas: number, ready: number, shelf: Shelf): void {
  const { name, namespace, uid } = metaOf(object)
  const template = specOf(object)['template'] as { metadata?: { labels?: Row }; spec: Row }
  for (const one of shelf.all('Pod').filter((each) => isOwned(each, uid))) shelf.remove('Pod', one)
  for (let index = 0; index < replicas; index += 1) {
    const isReady = index < ready
    shelf.put('Pod', 'v1', {
      metadata: {
        name: kind === 'StatefulSet' ? `${name}-${index}` : `${name}-${hashOf(object)}-${index}`,
        namespace,
        labels: template.metadata?.labels ?? {},
        ownerReferences: [{ kind, name, uid, controller: true }],
      },
      spec: structuredClone(template.spec),
      status: podStatus(template.spec, isReady),
    })
  }
}

export function podStatus(spec: Row, isReady: boolean): Row {
  const waiting = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } }
  return {
    phase: isReady ? 'Running' : 'Pending',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    containerStatuses: (spec['containers'] as Row[]).map((one) => ({
      name: one['name'],
      image: one['image'],
      ready: isReady,
      restartCount: 0,
      state: isReady ? { running: { startedAt: '2026-01-01T00:00:00Z' } } : waiting,
    })),
  }
}

function job(object: Row): void {
  const status = (object['status'] ?? {}) as Row
  const looks = Number(status['looks'] ?? 0) + 1
  const isBroken = imagesOf(object).some((image) => image.includes(broken))
  const ended = {
    type: isBroken ? 'Failed' : 'Complete',
    status: 'True',
    reason: isBroken ? 'BackoffLimitExceeded' : '',
    message: '',
  }
  object['status'] = { looks, succeeded: looks >= 2 && !isBroken ? 1 : 0, conditions: looks >= 2 ? [ended] : [] }
}

/** A gateway that has read the route says of which generation. */
function route(object: Row): void {
  const condition = {
    type: 'Accepted',
    status: 'True',
    reason: 'Accepted',
    message: '',
    observedGeneration: metaOf(object).generation,
  }
  const parents = (specOf(object)['parentRefs'] ?? []) as Row[]
  object['status'] = {
    parents: parents.map((parentRef) => ({
      parentRef,
      controllerName: 'example.com/gateway',
      conditions: [condition],
    })),
  }
}

/** Argo Rollouts: a step at a time, until one that pauses; `promoteFull` and `abort` in the status end it. */
function argo(object: Row): void {
  const status = (object['status'] ?? {}) as Row
  const canary = ((specOf(object)['strategy'] ?? {}) as Row)['canary'] as { steps?: Row[] } | undefined
  const steps = canary?.steps ?? []
  const observed = String(metaOf(object).generation)
  const weigh = (weight: number): Row => ({ weights: { canary: { weight }, stable: { weight: 100 - weight } } })
  if (status['abort'] === true) {
    object['status'] = {
      ...status,
      observedGeneration: observed,
      canary: weigh(0),
      currentStepIndex: 0,
      phase: 'Degraded',
      pauseConditions: null,
    }
    return
  }
  let index = status['promoteFull'] === true ? steps.length : Number(status['currentStepIndex'] ?? 0)
  const wasPaused = Array.isArray(status['pauseConditions']) && status['pauseConditions'].length > 0
  // Somebody took the pause away: the step of it is over.
  if (!wasPaused && status['controllerPause'] === true) index += 1
  const ahead = wasPaused ? 0 : steps.slice(index).findIndex((step) => isRow(step['pause']))
  index = ahead === -1 ? steps.length : index + ahead
  const paused = index < steps.length
  const weights = steps.slice(0, index).map((step) => step['setWeight'])
  const weight = index >= steps.length ? 100 : Number(weights.findLast((one) => one !== undefined) ?? 0)
  const isDone = index >= steps.length
  object['status'] = {
    ...status,
    observedGeneration: observed,
    currentStepIndex: index,
    canary: weigh(weight),
    controllerPause: paused && !isDone,
    pauseConditions: paused && !isDone ? [{ reason: 'CanaryPauseStep', startTime: '2026-01-01T00:00:00Z' }] : null,
    phase: isDone ? 'Healthy' : paused ? 'Paused' : 'Progressing',
  }
}
