/** A roster that PagerDuty keeps, on a real server: whoever is on call there signs and takes over; whoever is not, does not. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RosterView } from '../../src/report/roster-words.ts'
import type { MessageView, ReleaseView } from '../../src/report/view.ts'
import { type OnCallServer, type PagerOnCall, readKey, startOnCallServer } from '../support/pagerduty-oncall.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const KEY = { PAGER_TOKEN: readKey }

let server: TeamServer
let pager: OnCallServer
let file = ''
let release = ''
const homes = new Map<string, string>()

const listOf = (url: string) => `---
holdpoint: 1
service: checkout
environments: { staging: {} }
secrets: { PAGER_TOKEN: env }
channels: { log: { kind: file, path: told.jsonl } }
roster:
  kind: pagerduty
  url: ${url}
  escalation-policy: PPOLICY
  token: "{{ secret.PAGER_TOKEN }}"
  people: { PUSER01: ana, ben@shop.example: ben }
roles:
  on-call: { from: roster primary }
  manager: { from: roster secondary }
---
# Checkout

## Gate
\`\`\`md notify on=release.started to=log
Ask {{ on_call }}.
\`\`\`

1. [ ] Whoever is on call signs
   \`\`\`yaml approve
   role: on-call
   \`\`\`
2. [ ] The manager signs
   \`\`\`yaml approve
   role: manager
   \`\`\`
3. [ ] On-call takes over
   \`\`\`yaml handover
   to: [on-call]
   within: 1h
   \`\`\`
`

const users = {
  ana: { id: 'PUSER01', name: 'Ana Ruiz', email: 'ana@old.example' },
  ben: { id: 'PUSER02', name: 'Ben Oz', email: 'Ben@shop.example' },
  cy: { id: 'PUSER03', name: 'Cy Young', email: '' },
}
const onCall = (who: keyof typeof users, level: number): PagerOnCall => ({
  user: users[who],
  policy: 'PPOLICY',
  schedule: 'PSCHED1',
  level,
  end: new Date(Date.now() + 3_600_000).toISOString(),
})

beforeAll(async () => {
  pager = await startOnCallServer([onCall('ana', 1), onCall('ben', 2)])
  server = await startTeamServer([], KEY)
  homes.set('root', server.person('root'))
  const setUp = ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
  expect((await server.holdpoint(home('root'), setUp, `${PASSWORD}\n`)).err).toBe('')
  for (const who of ['ana', 'ben']) {
    homes.set(who, server.person(who))
    const { out } = await server.holdpoint(home('root'), ['people', 'add', who, '--at', 'acme/shop'])
    const link = /holdpoint login '([^']+)'/.exec(out)?.[1] ?? ''
    expect((await server.holdpoint(home(who), ['login', link], `${PASSWORD}\n`)).code).toBe(0)
    await done('root', 'people', 'grant', who, 'approver', '--at', 'acme/shop')
  }
  file = join(server.folder, 'checkout.md')
  writeFileSync(file, listOf(pager.url))
}, 60_000)
afterAll(async () => {
  await server?.end()
  pager?.close()
})

function home(who: string): string {
  return homes.get(who) ?? ''
}

const as = (who: string, ...words: string[]) => server.holdpoint(home(who), words, '', KEY)

async function done(who: string, ...words: string[]): Promise<string> {
  const { code, out, err } = await as(who, ...words)
  expect({ words, code, err }).toMatchObject({ code: 0 })
  return out
}

const approve = (who: string, step: string) => as(who, 'release', 'approve', release, step, '--yes')

test('the command line says who is on call, what a plan will ask, and that the service answers', async () => {
  const said = await as('root', 'roster', file)
  expect(said.code).toBe(0)
  expect(said.out).toContain(`escalation policy PPOLICY at ${new URL(pager.url).host}`)
  expect(said.out).toMatch(/primary: ana until .+on-call/)
  expect(said.out).toMatch(/secondary: ben until .+manager/)
  expect(await done('root', 'plan', file)).toContain('primary: ana until')
  expect((await as('root', 'doctor', file)).out).toMatch(/✔ roster {2}primary: ana .+, by escalation policy PPOLICY/)
})

test('a level whose user nobody here is, and a key that is not taken, are said and cover nothing', async () => {
  pager.say([onCall('cy', 1), onCall('ben', 2)])
  const strange = await as('root', 'roster', file)
  expect(strange.code).toBe(1)
  expect(strange.out).toContain('Cy Young (PUSER03) is on call as primary there, and nobody here')
  expect(strange.out).toContain('nobody is on call as primary')
  const wrong = await server.holdpoint(home('root'), ['roster', file, '--json'], '', { PAGER_TOKEN: 'not-the-key' })
  expect(wrong.code).toBe(1)
  const view = JSON.parse(wrong.out) as RosterView
  expect(view).toMatchObject({ onCall: [], uncovered: ['primary', 'secondary'] })
  expect(view.asked?.fault).toContain('answered 401')
  expect(wrong.out).not.toContain('not-the-key')
  const doctor = await as('root', 'doctor', file)
  expect(doctor.code).toBe(1)
  expect(doctor.out).toMatch(/✖ roster {2}Cy Young/)
})

test('a signature rests on what the service says at that moment, and never on what it said before', async () => {
  pager.say([onCall('ana', 1), onCall('cy', 2)])
  const started = await as('root', 'run', file, '--version', '2.0', '--project', 'shop', '--env', 'staging', '--json')
  release = /"release": ?"([^"]+)"/.exec(started.out)?.[1] ?? ''
  expect(release).not.toBe('')
  const told = async () =>
    (JSON.parse(await done('root', 'message', 'list', release, '--json')) as MessageView[]).find(
      ({ channel }) => channel === 'log',
    )
  await expect.poll(told, { timeout: 20_000 }).toMatchObject({ status: 'delivered', body: 'Ask ana.' })
  const refused = await approve('ben', 'gate/whoever-is-on-call-signs')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('ben is not on-call; that is whoever is on call now (primary).')
  expect(refused.err).toContain('ana (primary)')
  expect(refused.err).toContain('Cy Young (PUSER03) (secondary), whom "people" of the roster does not name')
  pager.say([onCall('ben', 1)])
  expect((await approve('ana', 'gate/whoever-is-on-call-signs')).err).toContain('names ben (primary), not ana.')
  expect((await approve('ben', 'gate/whoever-is-on-call-signs')).code).toBe(0)
})

test('while it cannot be read nobody holds the role, and whoever tries reads why', async () => {
  pager.say([onCall('ben', 1), onCall('ana', 2)])
  pager.break(() => ({ status: 403, headers: { 'content-type': 'application/json' }, body: '{}' }))
  const refused = await approve('ana', 'gate/the-manager-signs')
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(/Who is on call cannot be read: \S+ answered 403: this token may not read who is on call/)
  pager.break(null)
  expect((await approve('ana', 'gate/the-manager-signs')).code).toBe(0)
})

test('a hand-over goes to whoever is on call when they take it, and the log says which service named them', async () => {
  const step = 'gate/on-call-takes-over'
  await done('root', 'release', 'hand-over', release, step, '--notes', 'new cart, watch refunds')
  pager.say([onCall('ana', 1)])
  expect((await as('ben', 'release', 'acknowledge', release, step, '--yes')).err).toContain('not ben.')
  await done('ana', 'release', 'acknowledge', release, step, '--yes')
  const host = new URL(pager.url).host
  const report = await done('root', 'export', release, '--format', 'report')
  expect(report).toMatch(new RegExp(`ben \\(on-call\\) signed .+ on call according to ${host}`))
  expect(report).toMatch(new RegExp(`ana \\(on-call\\) took over .+ on call according to ${host}`))
  const view = JSON.parse(await done('root', 'release', 'show', release, '--json')) as ReleaseView
  expect(view.phase).toBe('closed')
  expect(JSON.stringify(view)).not.toContain(readKey)
})

test('who overrides a window for a start is asked about at that moment, too', async () => {
  const closed = join(server.folder, 'closed.md')
  const window = 'windows: { never: { deny: [{ weekdays: mon-sun }], override: on-call } }\n'
  const phase = '```yaml phase\nwindow: never\n```\n- [ ] Somebody has looked\n'
  const text = listOf(pager.url).replace('checkout\n', 'closed\n').replace('PUSER01: ana', 'PUSER01: root')
  const [head = ''] = text.replace('secrets:', `${window}secrets:`).split('1. [ ]')
  writeFileSync(closed, `${head}${phase}`)
  const start = ['run', closed, '--version', '1', '--project', 'shop', '--env', 'staging', '--yes', '--json']
  const override = ['--override-window', 'customers cannot pay', '--role', 'on-call']
  pager.say([onCall('ben', 1)])
  const refused = await as('root', ...start, ...override)
  expect([refused.code, refused.err + refused.out]).toEqual([
    1,
    expect.stringContaining('names ben (primary), not root.'),
  ])
  pager.say([onCall('ana', 1)])
  const started = await as('root', ...start, ...override)
  expect([started.code, started.out]).toEqual([3, expect.stringContaining('waits for an answer')])
})
