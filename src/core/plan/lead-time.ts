/** Lead times as authors write them: `1 working day before`, `2d before`, `1h after`. */
import { formatDuration, parseDuration } from './duration.ts'
import { parsed, unparsed, type Parsed } from './parsed.ts'
import type { LeadTime } from './plan.ts'

const mostWorkingDays = 250

export function parseLeadTime(text: string): Parsed<LeadTime> {
  const wrong = unparsed('a time before or after the planned start', '"1 working day before"')
  const parts = /^(.+?)\s+(before|after)$/.exec(text.trim())
  const [, length = '', side] = parts ?? []
  if (side !== 'before' && side !== 'after') return wrong
  const days = /^(\d{1,3})\s+working\s+days?$/.exec(length)
  if (days) {
    const amount = Number(days[1])
    return amount >= 1 && amount <= mostWorkingDays ? parsed({ side, unit: 'working-days', amount }) : wrong
  }
  const duration = parseDuration(length)
  return duration.ok && duration.value > 0 ? parsed({ side, unit: 'ms', amount: duration.value }) : wrong
}

/** `1 working day before`, `2d before`. */
export function leadWords({ side, unit, amount }: LeadTime): string {
  if (unit === 'ms') return `${formatDuration(amount)} ${side}`
  return `${amount} working day${amount === 1 ? '' : 's'} ${side}`
}
