/** The dispersion factor is what it says: 1 for independent events, the size of the clusters for clusters. */
import { describe, expect, test } from 'vitest'
import { addToDispersion, copyDispersion, type Dispersion, newDispersion } from './dispersion.ts'
import { sampler } from './samplers.fixture.ts'

function scatter(rounds: number, size: number, shock: (i: number) => number = () => 1): Dispersion {
  const random = sampler(7)
  const found = newDispersion()
  for (let i = 0; i < rounds; i += 1) {
    const common = shock(i)
    addToDispersion(found, 60, 3, [
      60,
      random.clustered(40 * common, size),
      10_000,
      random.clustered(160 * common, size),
      40_000,
    ])
  }
  return found
}

const mean = ({ sum, blocks }: Dispersion): number => sum / blocks
/** Five standard errors of the mean of so many chi-squares with one degree of freedom each, of which neighbours share a block. */
const band = (blocks: number): number => 5 * Math.sqrt(3 / blocks)

describe('dispersion', () => {
  test('of independent events is 1', () => {
    const found = scatter(20_000, 1)
    expect(Math.abs(mean(found) - 1)).toBeLessThan(band(found.blocks))
  })

  test.each([2, 4])('of events that come %d at a time is that', (size) => {
    const found = scatter(20_000, size)
    expect(Math.abs(mean(found) / size - 1)).toBeLessThan(band(found.blocks) + 0.03)
  })

  test('does not grow by shocks common to both arms', () => {
    const found = scatter(20_000, 1, (i) => (i % 7 === 0 ? 5 : 1))
    expect(Math.abs(mean(found) - 1)).toBeLessThan(band(found.blocks))
  })

  test('compares blocks of the length asked for, and only with enough expected events', () => {
    const found = newDispersion()
    for (let i = 0; i < 8; i += 1) addToDispersion(found, 60, 3, [15, 1, 1000, 4, 4000])
    // 4 intervals make a block, two blocks one comparison.
    expect(found.blocks).toBe(1)
    const few = newDispersion()
    for (let i = 0; i < 8; i += 1) addToDispersion(few, 15, 3, [15, 0, 1000, 1, 4000])
    expect(few.blocks).toBe(0)
    expect(few.open[0]).toBe(120)
  })

  test('an arm without traffic closes no block', () => {
    const found = newDispersion()
    for (let i = 0; i < 8; i += 1) addToDispersion(found, 15, 3, [15, 9, 1000, 0, 0])
    expect(found.last).toBeNull()
  })

  test('where one arm has no events at all nothing is known, and nothing is claimed', () => {
    const found = newDispersion()
    for (let i = 0; i < 4; i += 1) addToDispersion(found, 15, 3, [15, 20, 1000, 0, 1000])
    expect(mean(found)).toBe(1)
  })

  test('a copy is its own', () => {
    const found = scatter(3, 1)
    const copy = copyDispersion(found)
    addToDispersion(found, 60, 3, [30, 1, 1, 1, 1])
    expect(copy.open).toEqual([0, 0, 0, 0, 0])
  })
})
