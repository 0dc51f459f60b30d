/** How a record stands, in a mark and in words. */
import { spanWords, useNow } from '../../parts/clock.ts'
import { Moment } from '../../parts/time.tsx'
import { visible } from '../release/visible.ts'
import type { LedgerLine, Standing } from './ledger.ts'

const tones: Readonly<Record<Standing, string>> = {
  overdue: 'bad',
  unfit: 'bad',
  missing: 'bad',
  soon: 'person',
  fresh: 'good',
  kept: 'quiet',
}

const shapes: Readonly<Record<Standing, string>> = {
  overdue: 'm3.800 3.800 8.400 8.400m0-8.400-8.400 8.400',
  unfit: 'm3.800 3.800 8.400 8.400m0-8.400-8.400 8.400',
  missing: 'M5.300 5.700C5.300 2 10.700 2 10.700 5.600c0 2.200-2.700 2.200-2.700 4.400m0 2.900v.1',
  soon: 'M8 2.200a5.800 5.800 0 1 0 .01 0M8 4.700V8l2.300 1.600',
  fresh: 'm3 8.600 3.400 3.400L13 4.600',
  kept: 'M4 8h8',
}

export function StandingMark({ standing }: { readonly standing: Standing }) {
  return (
    <span class={`mark tone-${tones[standing]}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d={shapes[standing]} />
      </svg>
    </span>
  )
}

export function StandingWords({ line }: { readonly line: LedgerLine }) {
  const now = useNow()
  const { standing, until } = line
  return (
    <span class={`standing tone-${tones[standing]}`}>
      {standing === 'missing' && 'never observed'}
      {standing === 'unfit' && `does not satisfy: ${visible(whyNot(line))}`}
      {standing === 'kept' && 'no gate asks for it'}
      {standing === 'overdue' && until !== null && <>overdue for {spanWords(now - until)}</>}
      {(standing === 'soon' || standing === 'fresh') && until !== null && (
        <>
          true until <Moment at={until} />
          {standing === 'soon' && <>, {spanWords(until - now)} left</>}
        </>
      )}
    </span>
  )
}

function whyNot({ needs }: LedgerLine): string {
  return needs.find(({ until }) => until === null)?.say ?? 'nobody says why'
}
