import { test } from 'vitest'
import { holdAll } from './seeds.ts'

test('seeds 1 to 1000 keep every promise', () => holdAll(1, 1000), 600_000)
