/** Signing off on a real server: several people, an expired waiver, a delegate, a conditional role, a hand-over that nobody takes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReleaseView, StepView } from '../../src/report/view.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const LIST = `---
holdpoint: 1
service: checkout
inputs: { security_change: { type: boolean, default: true } }
---
# Checkout

## Gate
1. [ ] Tests pass
2. [ ] Everybody is ready
3. [ ] Signed
   \`\`\`yaml approve
   roles: [qa-lead, { role: security-lead, when: 'input.security_change' }]
   \`\`\`
4. [ ] On-call takes over
   \`\`\`yaml handover
   to: [on-call, manager]
   within: 2s
   \`\`\`

## Way back
\`\`\`yaml phase
kind: rollback
\`\`\`
- [ ] Point the balancer at the version before
`

let server: TeamServer
let release = ''
const homes = new Map<string, string>()

beforeAll(async () => {
  server = await startTeamServer()
  homes.set('root', server.person('root'))
  const setUp = ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
  expect((await server.holdpoint(home('root'), setUp, `${PASSWORD}\n`)).err).toBe('')
  for (const role of ['qa-lead', 'security-lead', 'on-call', 'manager'])
    await done('root', `role define ${role} --about ${role}`)
  const people = { ana: ['qa-lead'], bo: [], sam: ['security-lead', 'manager'] }
  for (const [who, roles] of Object.entries(people)) {
    await comesIn(who)
    for (const role of roles) await done('root', `people grant ${who} ${role} --at acme/shop`)
  }
}, 60_000)
afterAll(() => server?.end())

function home(who: string): string {
  return homes.get(who) ?? ''
}

/** Added by the administrator, in by the link. */
async function comesIn(who: string): Promise<void> {
  homes.set(who, server.person(who))
  const { out } = await server.holdpoint(home('root'), ['people', 'add', who, '--at', 'acme/shop'])
  const link = /holdpoint login '([^']+)'/.exec(out)?.[1] ?? ''
  expect((await server.holdpoint(home(who), ['login', link], `${who} ${PASSWORD}\n`)).code).toBe(0)
}

const as = (who: string, line: string) => server.holdpoint(home(who), words(line))

async function done(who: string, line: string): Promise<string> {
  const ended = await as(who, line)
  expect({ line, code: ended.code, err: ended.err }).toMatchObject({ code: 0 })
  return ended.out
}

async function look(): Promise<ReleaseView> {
  return JSON.parse((await as('root', `release show ${release} --json`)).out) as ReleaseView
}

async function step(text: string): Promise<StepView> {
  const found = (await look()).phases.flatMap((phase) => phase.steps).find((one) => one.text === text)
  if (!found) throw new Error(`no step "${text}"`)
  return found
}

test('a waiver that has expired blocks again before anything is signed', async () => {
  const file = join(server.folder, 'checkout.md')
  writeFileSync(file, LIST)
  const { readiness } = JSON.parse(await done('root', `plan ${file} --json`)) as { readiness: { id: string }[] }
  expect(readiness.map(({ id }) => id)).toEqual(['signers', 'records', 'window', 'incidents', 'follow-ups'])
  const started = await as('root', `run ${file} --version 2.0 --project shop --env staging --yes --json`)
  expect(started.code).toBe(3)
  release = /"release":\s*"([^"]+)"/.exec(started.out)?.[1] ?? ''
  expect(release).not.toBe('')
  await done(
    'root',
    `release waive ${release} 'Tests pass' --role release-engineer --reason 'known flake' --expires 1s`,
  )
  await sleep(1_200)
  await done('root', `release answer ${release} 'Everybody is ready' passed`)
  expect(await step('Tests pass')).toMatchObject({ state: 'needs a person' })
  expect((await step('Signed')).state).toBe('waiting')
  await done('root', `release answer ${release} 'Tests pass' passed --note 'run again, green'`)
  expect((await step('Signed')).state).toBe('needs a person')
})

test('two people sign: a delegate in place of who is away, and the role that this change concerns', async () => {
  const refused = await as('bo', `release approve ${release} Signed --role qa-lead`)
  expect(refused.code).toBe(1)
  expect((await as('root', `release approve ${release} Signed`)).err).toContain('started')
  const told = await done('ana', "people delegate qa-lead --to bo --for 1d --reason 'on holiday'")
  expect(told).toContain('bo stands in for you as qa-lead until')
  expect(await done('bo', 'whoami')).toMatch(/qa-lead +acme\/shop +in place of ana until \d{4}-/)
  await done('bo', `release approve ${release} Signed --role qa-lead`)
  const signed = await step('Signed')
  expect(signed.say).toContain('1 of 2 signatures (bo for ana)')
  expect(signed.asks?.conditionalRoles).toMatchObject([
    { role: 'security-lead', needed: 'yes', why: 'input.security_change = true' },
  ])
  // The two count as one person.
  expect((await as('ana', `release approve ${release} Signed --role qa-lead`)).code).toBe(0)
  expect((await step('Signed')).state).toBe('needs a person')
  await done('sam', `release approve ${release} Signed --role security-lead`)
  expect((await step('Signed')).state).toBe('passed')
})

test('a delegation that is ended lets nobody decide any more, at once', async () => {
  const listed = JSON.parse((await as('bo', 'people delegations --json')).out) as readonly { id: string }[]
  expect(listed).toMatchObject([{ from: 'ana', to: 'bo', role: 'qa-lead', current: true }])
  await done('ana', `people end-delegation ${listed[0]?.id ?? ''} --reason 'back'`)
  const refused = await as('bo', `release hold ${release} --reason 'smoke'`)
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('release.stop')
})

test('a hand-over that nobody takes goes on to the next, who takes it with the way back', async () => {
  await done('root', `release hand-over ${release} 'On-call takes over' --note 'new checkout, watch refunds'`)
  // Nobody here is on call: after two seconds the manager is asked.
  for (let tries = 0; (await step('On-call takes over')).owner !== 'manager'; tries += 1) {
    expect(tries).toBeLessThan(100)
    await sleep(200)
  }
  const { asks } = await step('On-call takes over')
  expect(asks?.signs).toContain('- Point the balancer at the version before')
  expect((await as('root', `release acknowledge ${release} 'On-call takes over'`)).err).toContain('does not take over')
  await done('sam', `release acknowledge ${release} 'On-call takes over' --role manager --digest ${asks?.digest ?? ''}`)
  expect((await look()).phase).toBe('closed')
  const report = (await as('root', `export ${release} --format report`)).out
  expect(report).toContain('did not acknowledge in time')
}, 60_000)

/** Words of a line as a shell has them; single quotes keep blanks. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((found) => found[1] ?? found[2] ?? '')
}
