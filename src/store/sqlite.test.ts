/** The embedded store meets the contract. What only a disk can do wrong is in sqlite.disk.test.ts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from './sqlite.ts'
import { storeContract } from './store.contract.ts'

storeContract('SQLite', async (options) => {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-store-'))
  const store = await openSqliteStore({ directory, now: Date.now(), ...options })
  return {
    store,
    dispose: async () => {
      await store.close()
      rmSync(directory, { recursive: true })
    },
  }
})
