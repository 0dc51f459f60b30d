import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig, type Plugin } from 'vitest/config'

const sameCases = fileURLToPath(new URL('test/support/same-cases.ts', import.meta.url))

/** In CI every run tries the same random cases, so that a red run is about the change; elsewhere each run tries new ones. */
const casesOfCi: Plugin = {
  name: 'same-cases-in-ci',
  enforce: 'pre',
  resolveId: (id, importer) => (id === 'fast-check' && importer !== sameCases ? sameCases : null),
}

const all = ['src/**/*.test.ts', 'web/**/*.test.ts', 'sim/**/*.test.ts', 'test/**/*.test.ts', 'demo/**/*.test.ts']
/** Files that change nothing outside of themselves share processes: beginning one costs more than most of these files. */
const together = ['core', 'api', 'config', 'engine', 'import', 'metrics', 'notify', 'report', 'traffic']
  .map((part) => `src/${part}/**/*.test.ts`)
  .concat('web/**/*.test.ts')

export default defineConfig({
  plugins: process.env['CI'] === 'true' ? [casesOfCi] : [],
  test: {
    // In the order of their names: the short ones come last, and fill up what the long ones leave.
    projects: [
      { extends: true, test: { name: 'alone', include: all, exclude: [...configDefaults.exclude, ...together] } },
      { extends: true, test: { name: 'together', include: together, isolate: false } },
    ],
    // Where the program itself keeps compiled code: an engine that a test starts by other ways starts in half the time.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Three quarters of the time of most end-to-end tests is waiting.
    maxWorkers: Math.min(8, 2 * availableParallelism()),
    reporters: ['default'],
  },
})
