/** What is stored must survive JSON: a number that is none becomes a reason. */
import type { ArmSample } from '../core/judge/verdict.ts'

export function plain(sample: ArmSample, redact: (text: string) => string): ArmSample {
  if (sample.kind === 'no-data') return noData(redact(sample.why))
  if (sample.kind === 'histogram') {
    const le = sample.le.map((edge) => (edge === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : edge))
    const finite = [...le, ...sample.counts].every(Number.isFinite)
    return finite ? { ...sample, le } : noData('the source answered with what is no number')
  }
  const numbers = Object.values(sample).filter((value) => value !== null && typeof value !== 'string')
  return numbers.every((value) => Number.isFinite(value))
    ? sample
    : noData('the source answered with what is no number')
}

export function noData(why: string): ArmSample {
  return { kind: 'no-data', why }
}
