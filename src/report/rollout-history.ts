/** How each stage and watch went, from entering to leaving, with the verdicts on the way. */
import type { Verdict } from '../core/judge/verdict.ts'
import type { Recorded, ReleaseEvent } from '../core/release/events.ts'
import type { Instant, Millis, WeightPercent } from '../core/units.ts'

export interface ObservedPart {
  /** The step of the rollout or watch. */
  readonly step: string
  /** null in a watch. */
  readonly stage: number | null
  readonly enteredAt: Instant
  readonly soakStartedAt: Instant | null
  readonly leftAt: Instant | null
  /** Who let it go on; null while it lasts, or when it never did. */
  readonly leftBy: string | null
  readonly soakMs: Millis
  readonly shifts: readonly {
    readonly at: Instant
    readonly component: string
    readonly percent: WeightPercent | null
    readonly ok: boolean
    readonly say: string
  }[]
  /** Each time what the judge says changed. */
  readonly verdicts: readonly { readonly at: Instant; readonly verdict: Verdict }[]
}

type Part = { -readonly [K in keyof ObservedPart]: ObservedPart[K] }

export function observedParts(events: readonly Recorded[]): readonly ObservedPart[] {
  const parts: Part[] = []
  for (const recorded of events) {
    const opened = openedBy(recorded.event, recorded.at)
    if (opened) parts.push(opened)
    const part = parts.findLast((each) => each.step === stepOf(recorded.event))
    if (part) tell(part, recorded)
  }
  return parts
}

function openedBy(event: ReleaseEvent, at: Instant): Part | null {
  const fresh = { soakStartedAt: null, leftAt: null, leftBy: null, soakMs: 0, shifts: [], verdicts: [] }
  if (event.kind === 'StageEntered') return { step: event.rollout, stage: event.stage, enteredAt: at, ...fresh }
  if (event.kind === 'WatchStarted')
    return { step: event.step, stage: null, enteredAt: at, ...fresh, soakStartedAt: at }
  return null
}

function stepOf(event: ReleaseEvent): string | null {
  if ('rollout' in event) return event.rollout
  return 'step' in event ? event.step : null
}

function tell(part: Part, { at, event }: Recorded): void {
  switch (event.kind) {
    case 'ShiftVerified':
      part.shifts = [
        ...part.shifts,
        { at, component: event.component, percent: event.weightPercent, ok: true, say: event.say },
      ]
      return
    case 'ShiftFailed':
      part.shifts = [...part.shifts, { at, component: event.component, percent: null, ok: false, say: event.say }]
      return
    case 'SoakStarted':
      part.soakStartedAt = at
      return
    case 'MeasurementsRecorded':
      part.soakMs = event.soakMs
      return
    case 'WatchRestarted':
      part.soakStartedAt = at
      part.soakMs = 0
      return
    case 'VerdictReached':
      part.verdicts = withVerdict(part.verdicts, at, event.verdict)
      return
    case 'Promoted':
      part.leftBy = event.by
      return
    case 'StageLeft':
      part.leftAt = at
      part.leftBy ??= event.by === 'judge' ? 'the judge' : 'a person'
      part.soakMs = event.soakMs
      return
    case 'WatchEnded':
      part.leftAt = at
      part.leftBy = 'the judge'
      part.soakMs = event.observedMs
      return
    default:
  }
}

/** The same standing again replaces the one before: its numbers are younger. */
function withVerdict(verdicts: ObservedPart['verdicts'], at: Instant, verdict: Verdict): ObservedPart['verdicts'] {
  const last = verdicts.at(-1)
  const isSame = last?.verdict.zone === verdict.zone && last.verdict.why === verdict.why
  return isSame ? [...verdicts.slice(0, -1), { at: last.at, verdict }] : [...verdicts, { at, verdict }]
}
