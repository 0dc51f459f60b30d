/** `npm run sim -- --seed 42 [--seeds N] [--verbose]`: runs seeds; one that breaks a promise prints its number and its log. */
import { parseArgs } from 'node:util'
import { tellLog } from './tell.ts'
import { runSeed } from './seed.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const count = Number(values.seeds)
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  process.stderr.write('usage: npm run sim -- [--seed NUMBER] [--seeds COUNT] [--verbose]\n')
  process.exit(2)
}

const phases = new Map<string, number>()
let failures = 0
const startedAt = performance.now()
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await runSeed(seed)
  for (const { phase } of outcome.releases) phases.set(phase, (phases.get(phase) ?? 0) + 1)
  if (values.verbose || outcome.broken.length > 0) process.stdout.write(tellLog(outcome))
  if (outcome.broken.length === 0) continue
  failures += 1
  process.stdout.write(`seed ${seed} FAILED\n${outcome.broken.map((each) => `  ${each}\n`).join('')}`)
  if (failures >= 5) break
}
const tookMs = performance.now() - startedAt
process.stdout.write(
  `${count} seeds, ${failures} failed, ${(tookMs / count).toFixed(1)} ms each; ends: ${[...phases].map(([phase, number]) => `${phase} ${number}`).join(', ')}\n`,
)
process.exit(failures > 0 ? 1 : 0)
