import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vitest/config'

const sameCases = fileURLToPath(new URL('test/support/same-cases.ts', import.meta.url))

/** In CI every run tries the same random cases, so that a red run is about the change; elsewhere each run tries new ones. */
const casesOfCi: Plugin = {
  name: 'same-cases-in-ci',
  enforce: 'pre',
  resolveId: (id, importer) => (id === 'fast-check' && importer !== sameCases ? sameCases : null),
}

export default defineConfig({
  plugins: process.env['CI'] === 'true' ? [casesOfCi] : [],
  test: {
    include: ['src/**/*.test.ts', 'web/**/*.test.ts', 'sim/**/*.test.ts', 'test/**/*.test.ts', 'demo/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Half of the time of most end-to-end tests is waiting: one more than two cores can compute.
    maxWorkers: 3,
    reporters: ['default'],
  },
})
