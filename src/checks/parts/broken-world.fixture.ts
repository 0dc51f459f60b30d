/** A world in which things are broken, for the cases of the contract: garbage in files, a server that never ends its answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll } from 'vitest'

/** Holds `empty.db` and `garbage.xml`, which is neither XML nor a database. */
export const root = mkdtempSync(join(tmpdir(), 'holdpoint-contract-'))
/** Answers `/drip` without an end and `/steer` with what steers a terminal; anything else is never answered. */
export const place = { port: 0 }

const server = createServer((request, response) => {
  if (request.url === '/drip') response.writeHead(200).write('.')
  else if (request.url === '/steer') response.writeHead(500).end('\u001b[2J\u0007 cleared')
})

beforeAll(async () => {
  new DatabaseSync(join(root, 'empty.db')).close()
  writeFileSync(join(root, 'garbage.xml'), Buffer.from([0, 255, 7, 27, 91]))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  place.port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true, force: true })
})
