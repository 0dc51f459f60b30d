/** Buttons in Slack decide as the person who proved to be that user, under the same rights as everywhere, and only when Slack signed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Pressing, pressed, signingSecret } from '../../../test/support/slack.ts'
import { type AccessEvent, accessStream, type Place } from '../../core/access/access.ts'
import { cardOf } from '../../core/release/card.ts'
import { createAccounts } from '../auth/accounts.ts'
import { examplePlan, startBody, type World, world } from '../test-support/world.ts'

const shop: Place = { organisation: 'acme', project: 'shop', environment: null }
const answerTo = 'https://hooks.slack.com/actions/T0ACME/1/x'

let at: World
let release: string
let told: { readonly address: string; readonly text: string }[]
let sessions: Map<string, string>

beforeEach(async () => {
  told = []
  const slack = {
    signingSecret,
    tell: (address: string, text: string) => Promise.resolve(void told.push({ address, text })),
  }
  at = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' }, { slack })
  Object.assign(at.deps.about, { address: () => 'https://releases.example.com' })
  const roles = { ana: ['release-engineer'], ben: ['approver', 'release-engineer'], eve: ['viewer'] }
  const events: AccessEvent[] = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
    { kind: 'ServiceAdopted', project: 'shop', service: 'shop' },
    { kind: 'EnvironmentDeclared', project: 'shop', environment: 'production', protected: true },
    ...Object.entries(roles).flatMap(([person, all]): AccessEvent[] => [
      { kind: 'PersonAdded', person, name: person, email: null, methods: [{ kind: 'password' }] },
      ...all.map((role): AccessEvent => ({ kind: 'RoleGranted', holder: person, role, place: shop })),
    ]),
  ]
  await happen(events)
  const accounts = createAccounts(at.store, at.deps.clock)
  sessions = new Map()
  for (const person of Object.keys(roles)) sessions.set(person, (await accounts.openSession(person, 'password')).secret)
  release = await started('staging')
})
afterEach(() => at.end())

async function happen(events: readonly AccessEvent[]): Promise<void> {
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const expectedVersion = (await at.store.read(accessStream)).length
  await at.store.append({
    streams: [{ stream: accessStream, expectedVersion, events: events.map((event) => ({ at: 1, by, event })) }],
  })
}

async function started(environment: string): Promise<string> {
  const answer = await ask('ana', 'POST', '/v1/releases', startBody(examplePlan(), { environment }))
  return (answer.body as { release: string }).release
}

async function ask(person: string, method: string, path: string, body?: unknown) {
  const headers = { host: 'holdpoint.test', authorization: `Bearer ${sessions.get(person) ?? ''}` }
  const answer = await at.request(method, path, body, headers)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function press(what: Pressing) {
  const { body, headers } = pressed({ answerTo, ...what })
  const answer = await at.request('POST', '/v1/slack/interactions', body, { host: 'holdpoint.test', ...headers })
  const { code } = (await answer.json()) as { code?: string }
  return { status: answer.status, code, text: told.at(-1)?.text ?? '' }
}

async function link(person: string, user: string): Promise<void> {
  const { text } = await press({ user, action: 'hold', value: { release, step: null } })
  const [, code = ''] = /\*([A-Z0-9-]{11})\*/.exec(text) ?? []
  const linked = await ask(person, 'POST', '/v1/slack/links', { code, confirm: true })
  expect(linked).toMatchObject({ status: 200, body: { user, linked: true } })
}

const state = async () => {
  const found = await at.engine.state(release)
  if (found === null) throw new Error('no release')
  return found
}

const hold = {
  action: 'hold',
  get value() {
    return { release, step: null }
  },
}

describe('who presses', () => {
  test('an unknown user is shown a code, and the person who enters it is that user from then on', async () => {
    const first = await press({ user: 'U0ANA', ...hold })
    expect(first.text).toMatch(/Nobody here knows who you are yet.*https:\/\/releases\.example\.com\/settings/)
    expect((await state()).hold).toBeNull()
    const [, code = ''] = /\*([A-Z0-9-]{11})\*/.exec(first.text) ?? []
    expect((await ask('ana', 'POST', '/v1/slack/links', { code })).body).toMatchObject({
      name: 'u0ana.slack',
      linked: false,
    })
    await ask('ana', 'POST', '/v1/slack/links', { code, confirm: true })
    expect((await ask('ben', 'POST', '/v1/slack/links', { code, confirm: true })).body).toMatchObject({
      code: 'used-up',
    })
    expect((await press({ user: 'U0ANA', ...hold })).text).toBe('Done as ana: the release is held.')
    expect((await state()).hold).toMatchObject({ by: 'ana', why: 'by a button in Slack' })
    expect(told.every(({ address }) => address === answerTo)).toBe(true)
  })

  test('a link is seen and ended by its person, and by nobody else', async () => {
    await link('ana', 'U0ANA')
    expect((await ask('ana', 'GET', '/v1/slack/links')).body).toMatchObject([{ team: 'T0ACME', user: 'U0ANA' }])
    expect((await ask('ben', 'GET', '/v1/slack/links')).body).toEqual([])
    const user = { team: 'T0ACME', user: 'U0ANA' }
    expect((await ask('ben', 'POST', '/v1/slack/links/remove', user)).status).toBe(409)
    expect((await ask('ana', 'POST', '/v1/slack/links/remove', user)).status).toBe(200)
    expect((await press({ user: 'U0ANA', ...hold })).text).toMatch(/Nobody here knows who you are/)
  })

  test('a right that was taken away is gone with the next press, and so is a person', async () => {
    await link('ana', 'U0ANA')
    await happen([{ kind: 'RoleRevoked', holder: 'ana', role: 'release-engineer', place: shop }])
    while ((await press({ user: 'U0ANA', ...hold })).text.startsWith('Done')) await ask('ben', 'GET', '/v1/me')
    await happen([{ kind: 'HolderDisabled', holder: 'ana', reason: 'left' }])
    for (let text = ''; !text.includes('Nobody here knows'); ) text = (await press({ user: 'U0ANA', ...hold })).text
  })

  test('a viewer holds nothing and is told which role would', async () => {
    await link('eve', 'U0EVE')
    expect((await press({ user: 'U0EVE', ...hold })).text).toMatch(/Not done: .*release\.stop, which the role/)
    expect((await state()).hold).toBeNull()
  })
})

describe('what is pressed', () => {
  test('a question is answered, a gate is signed over what the card showed, and the release is taken back', async () => {
    await link('ana', 'U0ANA')
    await link('ben', 'U0BEN')
    const answer = { release, step: 'ready', answer: 'passed' }
    expect((await press({ user: 'U0ANA', action: 'answer:ready:passed', value: answer })).text).toMatch(/answered/)
    const ask = cardOf(await state()).asks.find(({ word }) => word === 'approve')
    expect(ask).toMatchObject({ step: 'go-live', digest: expect.stringMatching(/\S/) })
    const signing = { release, step: 'go-live', digest: ask?.digest }
    expect((await press({ user: 'U0BEN', action: 'approve:go-live', value: signing })).text).toBe(
      'Done as ben: signed.',
    )
    expect((await state()).steps.get('go-live')?.approvals).toMatchObject([{ by: 'ben', assurance: 'proven' }])
  })

  test('what changed since the card was made is not signed', async () => {
    await link('ben', 'U0BEN')
    await ask('ben', 'POST', `/v1/releases/${release}/commands`, {
      command: { kind: 'Answer', step: 'ready', answer: 'passed', note: null, fields: {}, evidence: [] },
      seen: null,
    })
    const value = { release, step: 'go-live', digest: 'of something else' }
    expect((await press({ user: 'U0BEN', action: 'approve:go-live', value })).text).toMatch(/^Not done: /)
    const without = { release, step: 'go-live' }
    expect((await press({ user: 'U0BEN', action: 'approve:go-live', value: without })).text).toMatch(/another version/)
    expect((await state()).steps.get('go-live')?.approvals).toEqual([])
  })

  test('a protected environment is held by a button and signed on its page only', async () => {
    release = await started('production')
    await link('ben', 'U0BEN')
    expect((await press({ user: 'U0BEN', ...hold })).text).toMatch(/^Done/)
    const resumed = await press({ user: 'U0BEN', action: 'resume', value: { release, step: null } })
    expect(resumed.text).toMatch(/Not done: .*needs a sign-in.*<https:\/\/releases\.example\.com\/releases\//)
    expect((await state()).hold).not.toBeNull()
  })

  test('a release that the person may not see is not there, and a link in the card is nothing to decide', async () => {
    await link('ana', 'U0ANA')
    const nowhere = { release: 'shop-of-somebody-else', step: null }
    expect((await press({ user: 'U0ANA', action: 'hold', value: nowhere })).text).toMatch(/Not done: .*no release/i)
    const count = told.length
    expect((await press({ user: 'U0ANA', action: 'open:r1' })).status).toBe(200)
    expect(told).toHaveLength(count)
  })
})

describe('what does not come from Slack', () => {
  const before = (ms: number): number => Date.now() - ms

  test.each([
    ['signed with another secret', { secret: 'not the secret of this app' }],
    ['signed long ago', { at: before(6 * 60_000) }],
    ['signed in the future', { at: before(-6 * 60_000) }],
  ])('is refused: %s', async (_name, more) => {
    await link('ana', 'U0ANA')
    expect(await press({ user: 'U0ANA', ...hold, ...more })).toMatchObject({ status: 403, code: 'bad-signature' })
    expect((await state()).hold).toBeNull()
  })

  test('is refused the second time, and with a changed body', async () => {
    await link('ana', 'U0ANA')
    const { body, headers } = pressed({ user: 'U0ANA', action: 'hold', value: { release, step: null } })
    const send = async (text: string) =>
      (await at.request('POST', '/v1/slack/interactions', text, { host: 'holdpoint.test', ...headers })).status
    expect(await send(body.replace('U0ANA', 'U0BEN'))).toBe(403)
    expect([await send(body), await send(body)]).toEqual([200, 403])
  })

  test.each([
    ['{', /expected JSON/],
    [JSON.stringify({ release: 'r', step: null, more: 1 }), /none of ours/],
    ['{"__proto__":{},"release":"r","step":null}', /expected JSON/],
  ])('or is none of our buttons is refused: %s', async (value, words) => {
    const { body, headers } = pressed({ action: 'hold', value })
    const answer = await at.request('POST', '/v1/slack/interactions', body, { host: 'holdpoint.test', ...headers })
    const problem = (await answer.json()) as { detail: string }
    expect([answer.status, problem.detail]).toEqual([400, expect.stringMatching(words)])
  })

  test('a server without an app of Slack says what it takes', async () => {
    const other = world(examplePlan(), {}, { kind: 'tcp', from: '203.0.113.7' })
    const { body, headers } = pressed({ action: 'hold', value: { release, step: null } })
    const answer = await other.request('POST', '/v1/slack/interactions', body, { host: 'holdpoint.test', ...headers })
    expect(await answer.json()).toMatchObject({ code: 'not-configured' })
    await other.end()
  })
})
