/** The last calibration of a rollout's judge in one line, beside its verdict; one that is missing or old is told as such. */
import type { KeptCalibration } from '../core/judge/calibration/record.ts'
import type { Instant } from '../core/units.ts'
import { countWords, durationWords, percentWords } from './words.ts'

/** Older than this it speaks of another service. */
const staleAfterMs = 30 * 86_400_000

/** `digest`: of the judge as it is now. `file`: the checklist, to say what to type. */
export function calibrationLine(
  kept: KeptCalibration | null,
  { digest, now, file }: { readonly digest: string; readonly now: Instant; readonly file: string },
): string {
  const again = `holdpoint judge calibrate ${file}`
  if (kept === null) return `judge never calibrated: ${again}`
  const ageMs = now - kept.at
  const doubt = kept.judgeDigest !== digest ? 'for other limits than now' : ageMs > staleAfterMs ? 'long ago' : null
  const said = `judge calibrated ${durationWords(ageMs)} ago${doubt === null ? '' : `, ${doubt}`}: ${rateWords(kept)}`
  return doubt === null ? said : `${said}; again: ${again}`
}

/** `0 of 84 healthy windows rolled back (at most 3.5 %), promised 1 %`. */
export function rateWords({ runs, rolledBack, high, promise, standing }: RateFacts): string {
  const rate = `${rolledBack} of ${countWords(runs, 'healthy window')} rolled back (at most ${shareWords(high)}), promised ${shareWords(promise)}`
  return standing === 'above' ? `${rate}: more than promised` : rate
}

type RateFacts = Pick<KeptCalibration, 'runs' | 'rolledBack' | 'high' | 'promise' | 'standing'>

/** Two digits: `3.5 %`. */
export function shareWords(share: number): string {
  return percentWords(Number((share * 100).toPrecision(2)))
}
