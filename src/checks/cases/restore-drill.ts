/** What the contract asks of `restore-drill`. */
import type { CheckCases } from '../checks.contract.ts'
import { root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const cases: CheckCases = {
  config: {
    dumps: `${root}/*.dump`,
    server: 'postgres://drill@127.0.0.1:1/postgres',
    production: 'db.invalid',
    tables: { orders: '>= 1' },
  },
  broken: [
    { name: 'there is no dump' },
    { name: 'the server is production', config: { production: ['localhost:1'] } },
    { name: 'the folder of dumps is gone', config: { dumps: `${root}/no/such/*.dump` } },
    {
      name: 'the launcher lost it',
      powers: { command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
    { name: 'its program says nothing at all', powers: { command: () => Promise.resolve(ended({ exitCode: 0 })) } },
    {
      name: 'its program says something else',
      powers: { command: () => Promise.resolve(ended({ stdout: bytes('{"fine":true}\n') })) },
    },
    {
      name: 'a variable brings a password',
      config: { server: 'postgres://{{ who }}@db/postgres' },
      powers: { variables: { who: 'drill:hunter2' } },
    },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
