/** Runs many seeds for the tests and says which ones broke a promise. */
import { expect } from 'vitest'
import { runSeed } from './seed.ts'

export async function holdAll(first: number, count: number): Promise<void> {
  const broken: string[] = []
  for (let seed = first; seed < first + count && broken.length < 3; seed += 1) {
    const outcome = await runSeed(seed)
    if (outcome.broken.length > 0) broken.push(`npm run sim -- --seed ${seed}: ${outcome.broken.join('; ')}`)
  }
  expect(broken).toEqual([])
}
