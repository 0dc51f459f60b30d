import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/ports/store.ts'
import type { ReleaseEvent } from '../core/release/events.ts'
import { staleView } from './seen.ts'

function since(...events: readonly ReleaseEvent[]): readonly StoredEvent<ReleaseEvent>[] {
  return events.map((event, index) => ({
    event,
    stream: 'release/r',
    version: index + 2,
    position: index + 2,
    at: 0,
    by: { id: 'ben', kind: 'person', assurance: 'claimed' },
    previousHash: '',
    hash: '',
  }))
}

const closed: ReleaseEvent = { kind: 'StepClosed', step: 'a', how: 'answered', why: '' }
const entered: ReleaseEvent = { kind: 'StageEntered', rollout: 'r', stage: 1 }

test('an answer to a step that changed since it was looked at is refused, with what changed', () => {
  const refusal = staleView({ kind: 'Retry', step: 'a' }, since(closed))
  expect(refusal?.code).toBe('stale-view')
  expect(refusal?.reason).toContain('StepClosed by ben')
})

test('news of other steps keep no answer from being taken', () => {
  expect(staleView({ kind: 'Retry', step: 'b' }, since(closed, entered))).toBeNull()
})

test('a promotion decided on before the next stage was entered is refused', () => {
  expect(staleView({ kind: 'Promote', stage: null, role: null, reason: null }, since(entered))?.code).toBe('stale-view')
})

test.each([
  { kind: 'Abort', why: 'x', leave: false, typed: null },
  { kind: 'Rollback', why: 'x' },
  { kind: 'Hold', why: 'x' },
] as const)('$kind is never too late to be heard', (command) => {
  expect(staleView(command, since(entered, closed))).toBeNull()
})

test('a second signature does not come too late because of the first', () => {
  const signed: ReleaseEvent = {
    kind: 'ApprovalGiven',
    step: 's',
    by: 'ben',
    role: null,
    digest: 'd',
    assurance: 'claimed',
    note: null,
  }
  expect(
    staleView({ kind: 'Approve', step: 's', role: null, digest: 'd', typed: null, note: null }, since(signed)),
  ).toBeNull()
})
