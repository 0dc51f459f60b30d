/** Which phases run in document order. The others are for going back, for practice, for emergencies, or only for reading. */
import type { PhaseKind } from './plan.ts'

export const phaseKinds = [
  'gate',
  'rollout',
  'watch',
  'rollback',
  'drill',
  'incident',
  'reference',
] as const satisfies readonly PhaseKind[]

export function isForward(kind: PhaseKind): boolean {
  return kind === 'gate' || kind === 'rollout' || kind === 'watch'
}
