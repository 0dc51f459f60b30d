/** The mark of a state: a shape of its own for each word, never colour alone. */
import type { JSX } from 'preact'
import type { StepWord } from '../../../src/api/wire/web.ts'

export type Tone = 'good' | 'busy' | 'person' | 'bad' | 'odd' | 'quiet'

export const toneOf: Readonly<Record<StepWord, Tone>> = {
  waiting: 'quiet',
  running: 'busy',
  passed: 'good',
  failed: 'bad',
  inconclusive: 'odd',
  errored: 'bad',
  unknown: 'odd',
  'needs a person': 'person',
  stale: 'person',
  waived: 'odd',
  'not applicable': 'quiet',
  blocked: 'bad',
  held: 'person',
}

const shapes: Readonly<Record<StepWord, JSX.Element>> = {
  waiting: <circle cx="8" cy="8" r="4.5" />,
  running: <path class="turns" d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5" />,
  passed: <path d="m3 8.6 3.4 3.4L13 4.6" />,
  failed: <path d="m3.8 3.8 8.4 8.4m0-8.4-8.4 8.4" />,
  inconclusive: <path d="M2.5 9.2c1.6-3 3.6-3 5.5-1.2s3.9 1.8 5.5-1.2" />,
  errored: <path d="M8 2.2 14.3 13.300H1.700ZM8 6.500v3.200m0 1.900v.1" />,
  unknown: <path d="M5.3 5.700C5.3 2 10.7 2 10.7 5.600c0 2.2-2.7 2.2-2.7 4.400m0 2.900v.1" />,
  'needs a person': (
    <>
      <circle cx="8" cy="5" r="2.7" />
      <path d="M2.8 14c.5-5.3 9.9-5.3 10.4 0" />
    </>
  ),
  stale: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M8 4.700V8l2.3 1.6" />
    </>
  ),
  waived: <path d="m3 4 4 4-4 4m6-8 4 4-4 4" />,
  'not applicable': <path d="M4 8h8" />,
  blocked: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="m4 4 8 8" />
    </>
  ),
  held: <path d="M5.5 3.500v9m5-9v9" />,
}

interface MarkProps {
  readonly state: StepWord
  /** The word stands beside it already. */
  readonly isSilent?: boolean
}

export function StateMark({ state, isSilent = false }: MarkProps) {
  return (
    <span class={`mark tone-${toneOf[state]}`} title={isSilent ? undefined : state}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        {shapes[state]}
      </svg>
      {!isSilent && <span class="aside">{state}</span>}
    </span>
  )
}
