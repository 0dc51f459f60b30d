/** `yaml check kind: disk-free`: enough of a disk is free. */
import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import { defineCheck } from '../../../src/core/ports/check.ts'

export const diskFree = defineCheck({
  kind: 'disk-free',
  summary: 'Enough of a disk is free',
  config: z.strictObject({
    path: z.string().min(1).describe('Any folder on the disk'),
    'min-percent': z.number().min(0).max(100).describe('Least free part of it'),
  }),
  needs: [],
  timeoutMs: 10_000,
  example: '```yaml check\nkind: disk-free\npath: /var/lib/postgresql\nmin-percent: 20\n```',
  facts: { free_percent: 'double' },
  async run(config) {
    const { bavail, blocks } = await statfs(config.path)
    const percent = (100 * bavail) / blocks
    const say = `${percent.toFixed(1)} % of ${config.path} is free, at least ${config['min-percent']} % expected`
    // A disk of no blocks gives NaN, and NaN is not enough.
    const outcome = percent >= config['min-percent'] ? 'passed' : Number.isFinite(percent) ? 'failed' : 'inconclusive'
    return { outcome, say, evidence: [], facts: { free_percent: Number.isFinite(percent) ? percent : null } }
  },
})
