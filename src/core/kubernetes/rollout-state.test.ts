import { describe, expect, test } from 'vitest'
import type { Json } from '../units.ts'
import { rolloutState } from './rollout-state.ts'

const object = (spec: Json, status: Json, metadata: Record<string, Json> = {}): Record<string, Json> => ({
  metadata: { name: 'api', generation: 2, ...metadata },
  spec,
  status: { observedGeneration: 2, ...(status as object) },
})
const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }

describe('a Deployment', () => {
  const cases: readonly (readonly [name: string, status: Json, state: string])[] = [
    ['whose pods are all new and available is out', full, 'done'],
    ['that its controller has not looked at is not', { ...full, observedGeneration: 1 }, 'waiting'],
    ['with old pods is not', { ...full, replicas: 4 }, 'waiting'],
    ['with too few new pods is not', { ...full, updatedReplicas: 2 }, 'waiting'],
    ['with pods that are not available is not', { ...full, availableReplicas: 2 }, 'waiting'],
    ['that says nothing is not', {}, 'waiting'],
  ]
  test.for(cases)('%s', ([, status, state]) => {
    expect(rolloutState('Deployment', object({ replicas: 3 }, status)).state).toBe(state)
  })

  test('that hangs has failed, but not by what was said before it was changed', () => {
    const hangs = (saidAt: string): Json => ({
      ...full,
      updatedReplicas: 1,
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'timed out',
          lastUpdateTime: saidAt,
        },
      ],
    })
    const managedFields = [
      { manager: 'holdpoint', time: '2026-01-01T10:00:00Z' },
      { manager: 'kube-controller-manager', subresource: 'status', time: '2026-01-01T11:00:00Z' },
    ]
    const state = (saidAt: string, metadata = {}): string =>
      rolloutState('Deployment', object({ replicas: 3 }, hangs(saidAt), metadata)).state
    expect(state('2026-01-01T10:05:00Z', { managedFields })).toBe('failed')
    expect(state('2026-01-01T09:59:00Z', { managedFields })).toBe('waiting')
    expect(state('2026-01-01T09:59:00Z')).toBe('failed')
  })

  test('that is being deleted has failed', () => {
    expect(rolloutState('Deployment', object({ replicas: 3 }, full, { deletionTimestamp: 'x' })).state).toBe('failed')
  })
})

test('a StatefulSet is out when every pod, or those above its partition, are of the newest revision and ready', () => {
  const state = (status: Json, spec: Json = { replicas: 3 }): string =>
    rolloutState('StatefulSet', object(spec, status)).state
  const same = { readyReplicas: 3, updatedReplicas: 3, currentRevision: 'b', updateRevision: 'b' }
  expect(state(same)).toBe('done')
  expect(state({ ...same, currentRevision: 'a' })).toBe('waiting')
  expect(state({ ...same, readyReplicas: 2 })).toBe('waiting')
  const partition = { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } }
  expect(state({ ...same, currentRevision: 'a', updatedReplicas: 1 }, partition)).toBe('done')
  expect(state({ ...same, currentRevision: 'a', updatedReplicas: 0 }, partition)).toBe('waiting')
})

test('a DaemonSet is out on every node, a Job when it is complete, and a pod that restarts for ever is not ready', () => {
  const nodes = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }
  expect(rolloutState('DaemonSet', object({}, nodes)).state).toBe('done')
  expect(rolloutState('DaemonSet', object({}, { ...nodes, updatedNumberScheduled: 1 })).state).toBe('waiting')
  const ended = (type: string): Json => ({ conditions: [{ type, status: 'True', message: 'x' }] })
  expect(rolloutState('Job', object({}, ended('Complete'))).state).toBe('done')
  expect(rolloutState('Job', object({}, ended('Failed'))).say).toBe('job/api failed: x')
  const looping = { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] }
  expect(rolloutState('Pod', object({}, looping))).toEqual({
    state: 'waiting',
    say: 'pod/api is running but not ready: CrashLoopBackOff',
  })
  expect(rolloutState('Pod', object({}, { phase: 'Succeeded' })).state).toBe('done')
})

test('a Rollout of Argo writes its generation as a text, and what says neither Ready nor Available is not known', () => {
  const phase = (status: Json): string => rolloutState('Rollout', object({}, status)).state
  expect(phase({ phase: 'Healthy', observedGeneration: '2' })).toBe('done')
  expect(phase({ phase: 'Healthy', observedGeneration: '1' })).toBe('waiting')
  expect(phase({ phase: 'Degraded', observedGeneration: '2' })).toBe('failed')
  expect(rolloutState('Certificate', object({}, {})).say).toBe('certificate/api says neither Ready nor Available')
  const ready = (observedGeneration: number): Json => ({
    conditions: [{ type: 'Ready', status: 'True', observedGeneration }],
  })
  expect(rolloutState('Certificate', object({}, ready(2))).state).toBe('done')
  expect(rolloutState('Certificate', object({}, ready(1))).state).toBe('waiting')
})
