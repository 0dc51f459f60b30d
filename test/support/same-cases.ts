/** fast-check with one seed: what CI imports in its place (vitest.config.ts). */
import fc from 'fast-check'

fc.configureGlobal({ seed: 1 })

export * from 'fast-check'
export { default } from 'fast-check'
