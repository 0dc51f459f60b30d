/** Everything at once: replicas are killed, frozen and asked to end, the database goes away, and no promise is broken. */
import { afterEach, describe, expect, test } from 'vitest'
import { postgresPrograms } from '../support/postgres.ts'
import { ofDatabase, ofReplicas } from './faults.ts'
import { Site } from './site.ts'
import { storm } from './storm.ts'

const programs = postgresPrograms()
let site: Site | null = null
afterEach(() => site?.close())

describe.skipIf(programs === null)('a storm over three replicas', () => {
  test('loses nothing acknowledged, doubles no effect, and all releases end as they should', async () => {
    site = await Site.open({ postgres: programs, replicas: 3 })
    const { broken, faults, releases } = await storm(site, {
      seed: 5,
      lanes: 6,
      faults: [...ofReplicas, ...ofDatabase],
      mostFaults: 8,
      mostMs: 15_000,
    })
    expect(broken, faults.join('; ')).toEqual([])
    expect(releases).toBeGreaterThanOrEqual(6)
    expect(faults.length).toBeGreaterThan(2)
  }, 400_000)
})
