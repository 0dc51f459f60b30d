/** The PostgreSQL store meets the contract. What only a server and other replicas can do wrong is beside it. */
import { afterAll, beforeAll, describe } from 'vitest'
import { postgresPrograms, startCluster } from '../../test/support/postgres.ts'
import type { PostgresCluster } from '../../test/support/postgres.ts'
import { openPostgresStore } from './postgres.ts'
import { storeContract } from './store.contract.ts'

const programs = postgresPrograms()

describe.skipIf(programs === null)('on a server of its own', () => {
  let cluster: PostgresCluster
  let schemas = 0
  beforeAll(async () => {
    cluster = await startCluster(programs ?? '')
  })
  afterAll(() => cluster.dispose())

  storeContract('PostgreSQL', async (options) => {
    const url = cluster.url(`contract_${(schemas += 1)}`)
    const store = await openPostgresStore({ url, leaseClock: 'caller', ...options })
    return { store, dispose: () => store.close() }
  })
})
