/** Where commands have a user of their own, this process opens no file that a checklist names anywhere on the machine. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type CheckPowers, defineCheck } from '../core/ports/check.ts'
import type { TrafficDriver, TrafficDriverDefinition } from '../core/ports/traffic.ts'
import { createCheckRunner } from './check-runner.ts'
import { realClock } from './clock.ts'
import { openDriver } from './drivers.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, fakeLauncher, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const driver: TrafficDriverDefinition<{ file: string }> = {
  kind: 'writes',
  summary: '',
  example: '',
  config: z.object({ file: z.string() }),
  opensFile: ({ file }) => (file.includes(':') ? null : file),
  open: () => ({}) as TrafficDriver,
}
const reader = defineCheck({
  kind: 'reader',
  summary: '',
  config: z.object({}),
  needs: ['source'],
  timeoutMs: 1_000,
  example: '',
  facts: {},
  run: (_given, powers: CheckPowers) =>
    Promise.resolve({ outcome: 'passed' as const, say: powers.source('db').kind, evidence: [] }),
})
const shared = {
  clock: realClock(),
  outbound: createOutbound(),
  vault: createSecretVault({}),
  launcher: fakeLauncher({}),
  environment: () => Promise.resolve({}),
}

test.each([
  [true, '/var/lib/holdpoint/store.db', /^api: the driver writes would open \/var\/lib\/holdpoint\/store\.db with/],
  [true, 'balancer:9999', null],
  [false, '/etc/nginx/weight.conf', null],
] as const)('a driver (apart: %s) that names %s is refused: %s', (isApart, file, why) => {
  const context = contextFor(releaseOf({ steps: '- [ ] Ready' }))
  const drivers = new Map([['writes', driver as never]])
  const open = () =>
    openDriver({ name: 'api', driver: 'writes', config: { file } }, context, { ...shared, drivers, isApart })
  if (why === null) expect(open).not.toThrow()
  else expect(open).toThrow(why)
})

test.each([
  [true, 'sqlite', 'errored'],
  [true, 'postgres', 'passed'],
  [false, 'sqlite', 'passed'],
] as const)('a check (apart: %s) of a source that is %s is %s', async (isApart, kind, outcome) => {
  const where = kind === 'sqlite' ? 'file: /var/lib/holdpoint/store.db' : 'url: "postgres://db/x"'
  const state = releaseOf({ frontMatter: `sources: { db: { kind: ${kind}, ${where} } }`, steps: '- [ ] Ready' })
  const runner = createCheckRunner({
    ...shared,
    isApart,
    checks: [reader as never],
    metric: () => Promise.reject(new Error('not asked')),
  })
  const check = { word: 'check', kind: 'reader', config: {}, timeoutMs: 1_000, expect: null, captures: [], secrets: [] }
  const found = await runner.run(check as never, contextFor(state))
  expect(found.outcome).toBe(outcome)
  if (outcome === 'errored') expect(found.say).toContain('source db is a file that this server would open')
})
