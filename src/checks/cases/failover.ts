/** What the contract asks of `failover`. */
import type { CheckCases } from '../checks.contract.ts'
import { place, root } from '../parts/broken-world.fixture.ts'
import { ended } from '../parts/powers.fixture.ts'

const powers = {
  root,
  get variables() {
    return { port: String(place.port) }
  },
}
/** The port of the broken world takes connections. */
const reached = { survives: [{ kind: 'tcp', host: '127.0.0.1', port: '{{ port }}' }] }

const told = { run: 'another', broken: null, brokenAt: 1, mendingAt: 2, mendedAt: 3, unmended: null }
const ofAnotherRun = new TextEncoder().encode(`\n${JSON.stringify(told)}\n`)

export const cases: CheckCases = {
  config: {
    break: 'true',
    mend: 'true',
    production: ['db.internal'],
    'broken-for': '200ms',
    'recovers-within': '1s',
    survives: [{ kind: 'tcp', host: '127.0.0.1', port: 1 }],
  },
  broken: [
    { name: 'the service is down before anything is broken', powers: { root } },
    { name: 'the environment is protected', config: reached, powers: { ...powers, isProtected: true } },
    { name: 'the host is production', config: { ...reached, production: ['127.0.0.1'] }, powers },
    { name: 'it cannot be mended', config: { ...reached, mend: 'false' }, powers },
    { name: 'it cannot be broken', config: { ...reached, break: 'false' }, powers },
    {
      name: 'its engine is gone, and the command of another run is found',
      config: reached,
      powers: { ...powers, command: () => Promise.resolve(ended({ stdout: ofAnotherRun })) },
    },
    {
      name: 'the launcher lost it',
      config: reached,
      powers: { ...powers, command: () => Promise.resolve(ended({ ended: 'lost', exitCode: null })) },
    },
  ],
  // Its time is the launcher's to keep, which outlives this process.
  hangs: null,
}
