/** Runs every bench, one after another, in a process each; a bench that breaks does not keep the others from running. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const notBenches = new Set(['all.ts', 'measure.ts', 'written-checklists.ts', 'served.ts'])
const only = process.argv.slice(2)
const benches = readdirSync(folder).filter(
  (file) =>
    file.endsWith('.ts') && !notBenches.has(file) && (only.length === 0 || only.some((name) => file.includes(name))),
)

let broken = 0
for (const file of benches) {
  process.stdout.write(`\n== ${file}\n`)
  if (spawnSync(process.execPath, [join(folder, file)], { stdio: 'inherit' }).status !== 0) broken += 1
}
process.exitCode = broken === 0 ? 0 : 1
