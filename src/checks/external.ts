/** `yaml check kind: external`: somebody outside does the work and reports how it went; nothing in time is never a pass. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck, type ReportedResult } from '../core/ports/check.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis } from './parts/say.ts'

const config = z.strictObject({
  from: z.string().min(1).max(200).describe('Who reports, in words: `load tests in CI`'),
})

const HOUR_MS = 3_600_000
const LOOK_EVERY_MS = 1_000

export const external = defineCheck({
  kind: 'external',
  summary: 'Somebody outside does the work and reports how it went',
  config,
  needs: ['reported'],
  timeoutMs: HOUR_MS,
  example: '```yaml check\nkind: external\nfrom: load tests in CI\ntimeout: 2h\n```',
  facts: { result: 'map', by: 'string' },
  async run({ from }, powers) {
    powers.progress(`waits for ${from}`)
    for (;;) {
      const reported = await powers.reported()
      if (reported !== null) return resultOf(from, reported, powers)
      if (powers.signal.aborted) return nothingCame(from, powers)
      await powers.clock.sleep(LOOK_EVERY_MS, powers.signal)
    }
  },
})

function resultOf(
  from: string,
  { outcome, say, by, facts, evidence }: ReportedResult,
  powers: CheckPowers,
): CheckResult {
  const told = oneLine(`${from}: ${say === '' ? outcome : say} (reported by ${by})`)
  const seen = { result: facts, by }
  // Passed outside is not enough where the checklist expects something of the numbers.
  if (outcome === 'passed') return judged(powers, seen, { say: told, evidence })
  return { outcome, say: told, evidence, facts: seen }
}

function nothingCame(from: string, { timeoutMs }: CheckPowers): CheckResult {
  return { outcome: 'inconclusive', say: `no result of ${from} came within ${sayMillis(timeoutMs)}`, evidence: [] }
}
