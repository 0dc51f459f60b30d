import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkContract, type CheckCases } from './checks.contract.ts'
import { checks } from './index.ts'
import { ended } from './parts/powers.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-contract-'))
let server: Server
const place = { port: 0 }
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/drip') response.writeHead(200).write('.')
    else if (request.url === '/steer') response.writeHead(500).end('\u001b[2J\u0007 cleared')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  place.port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true, force: true })
})
new DatabaseSync(join(root, 'empty.db')).close()
writeFileSync(join(root, 'garbage.xml'), Buffer.from([0, 255, 7, 27, 91]))

const orders = (): { kind: string; config: { file: string } } => ({ kind: 'sqlite', config: { file: 'garbage.xml' } })

/** One line per kind; the suite below fails for a kind without cases. */
const cases: Readonly<Record<string, CheckCases>> = {
  command: {
    config: { shell: 'bash', script: 'true' },
    broken: [
      {
        name: 'the launcher is gone',
        powers: { command: () => Promise.reject(new Error('the launcher does not answer')) },
      },
      {
        name: 'the launcher lost it',
        powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
      },
      { name: 'it prints what steers a terminal', config: { script: "printf '\\033[2J\\007' >&2; exit 1" } },
      { name: 'it prints 1 MB and fails', config: { script: 'yes | head -c 1000000; exit 1' } },
    ],
    // Its time is the launcher's to keep, which outlives this process.
    hangs: null,
  },
  external: {
    config: { from: 'load tests' },
    broken: [
      {
        name: 'nobody can report here',
        powers: { reported: () => Promise.reject(new Error('there is nobody to report')) },
      },
      {
        name: 'what is reported steers a terminal',
        powers: {
          reported: () =>
            Promise.resolve({
              outcome: 'failed',
              say: '\u001b[2Jall is\nwell',
              by: 'ci',
              at: 1,
              facts: {},
              evidence: [],
            }),
        },
      },
    ],
    hangs: {},
  },
  file: {
    config: { path: 'garbage.xml' },
    broken: [
      { name: 'the folder is gone', powers: { root: join(root, 'gone') } },
      { name: 'the file is gone', config: { path: 'gone' }, powers: { root } },
    ],
    hangs: null,
  },
  http: {
    config: { requests: 'GET http://127.0.0.1:{{ port }}/drip' },
    broken: [
      { name: 'nobody answers', powers: { variables: { port: '1' } } },
      {
        name: 'the answer steers a terminal',
        config: { requests: '# @expect text == "ok"\nGET http://127.0.0.1:{{ port }}/steer' },
        powers: {
          get variables() {
            return { port: String(place.port) }
          },
        },
      },
    ],
    hangs: {
      powers: {
        get variables() {
          return { port: String(place.port) }
        },
      },
    },
  },
  promql: {
    config: { on: 'metrics', query: 'up', below: '1%' },
    broken: [
      { name: 'there is no data' },
      { name: 'the source throws', powers: { metric: () => Promise.reject(new Error('down\n\u001b[2J')) } },
      { name: 'the answer is NaN', powers: { metric: () => Promise.resolve({ value: Number.NaN }) } },
    ],
    hangs: { config: { for: '1h', every: '30m' }, powers: { metric: () => Promise.resolve({ value: 0 }) } },
  },
  report: {
    config: { format: 'junit', path: 'garbage.xml' },
    broken: [
      { name: 'the report is garbage', powers: { root } },
      { name: 'there is no report', config: { path: 'gone.xml' }, powers: { root } },
    ],
    hangs: null,
  },
  sql: {
    config: { on: 'orders', query: 'select 1' },
    broken: [
      { name: 'the source is not declared', powers: { expectation: 'true' } },
      {
        name: 'the file is no database',
        config: { query: 'select * from sqlite_master' },
        powers: { root, source: orders, expectation: 'count >= 0' },
      },
    ],
    hangs: {
      config: { query: 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n' },
      powers: { root, source: () => ({ kind: 'sqlite', config: { file: 'empty.db' } }), expectation: 'true' },
    },
  },
  tcp: {
    config: { host: '127.0.0.1', port: 1 },
    broken: [{ name: 'nobody listens' }],
    hangs: { config: { host: '192.0.2.1', port: 9 } },
  },
}

for (const definition of checks) {
  describe(definition.kind, () => {
    const own = cases[definition.kind]
    if (own) checkContract(definition, own)
    else test('has cases for the contract', () => expect.fail(`add a line for ${definition.kind} to the cases`))
  })
}

test('every file of this folder is listed, under its own name', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !/\.(?:test|contract|fixture)\.ts$|^index\.ts$/.test(name))
    .map((name) => name.slice(0, -'.ts'.length))
  expect(checks.map((definition) => definition.kind)).toEqual(files.toSorted())
})
