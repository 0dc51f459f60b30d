import { test } from 'vitest'
import { holdAll } from './seeds.ts'

test('seeds 1001 to 2000 keep every promise', () => holdAll(1001, 1000), 600_000)
