/** `yaml check kind: follow-ups`: what earlier releases left to do is done, or at least not overdue. */
import { z } from 'zod'
import { defineCheck } from '../core/ports/check.ts'
import { type FollowUp, isOverdueFollowUp } from '../core/ports/follow-up.ts'
import { judged } from './parts/judged.ts'
import { oneLine } from './parts/say.ts'

const severities = ['low', 'normal', 'high'] as const

const config = z.strictObject({
  least: z
    .enum(severities)
    .default('low')
    .describe('The least severity that counts: `high` leaves out what is normal or low'),
  open: z.boolean().default(false).describe('Whether those count too that are open and not yet overdue'),
})

export const followUps = defineCheck({
  kind: 'follow-ups',
  summary: 'What earlier releases left to do is done, or at least not overdue',
  config,
  needs: ['follow-ups'],
  timeoutMs: 30_000,
  example: '```yaml check\nkind: follow-ups\nleast: high\n```',
  facts: { open: 'int', overdue: 'int' },
  async run(wanted, powers) {
    const all = (await powers.followUps()).filter(
      ({ severity }) => severities.indexOf(severity) >= severities.indexOf(wanted.least),
    )
    const overdue = all.filter((one) => isOverdueFollowUp(one, powers.clock.now()))
    const counted = wanted.open ? all : overdue
    const facts = { open: all.length, overdue: overdue.length }
    const evidence = [{ name: 'follow-ups.json', mediaType: 'application/json', bytes: bytesOf(all) }]
    const told = `${all.length} open${wanted.least === 'low' ? '' : ` of severity ${wanted.least}`}, ${overdue.length} overdue`
    const [first] = counted
    if (first !== undefined && powers.expectation === null)
      return { outcome: 'failed', say: oneLine(`${told}: ${first.title}`), evidence, facts }
    return judged(powers, facts, { say: told, evidence })
  },
})

function bytesOf(all: readonly FollowUp[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(all, null, 2))
}
