import { afterEach, describe, expect, test } from 'vitest'
import {
  startOnCallServer,
  type OnCallServer,
  type PagerOnCall,
  readKey,
} from '../../../test/support/pagerduty-oncall.ts'
import { compile } from '../../core/plan/compile.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { testKinds } from '../../core/plan/test-kinds.ts'
import { realClock } from '../clock.ts'
import { createOutbound } from '../outbound.ts'
import { createSecretVault } from '../secret-vault.ts'
import { createRosterReader } from './reader.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const ana = { id: 'PUSER01', name: 'Ana Ruiz', email: 'Ana@shop.example' }
const ben = { id: 'PUSER02', name: 'Ben Oz', email: 'ben@shop.example' }
const cy = { id: 'PUSER03', name: 'Cy Young', email: 'cy@elsewhere.example' }
const hour = (more: number): string => new Date(Date.now() + more * 3_600_000).toISOString()
const onCall = (user: typeof ana, more: Partial<PagerOnCall> = {}): PagerOnCall => ({
  user,
  policy: 'PPOLICY',
  schedule: 'PSCHED1',
  level: 1,
  end: hour(5),
  ...more,
})

async function serve(first: readonly PagerOnCall[] = []): Promise<OnCallServer> {
  const server = await startOnCallServer(first)
  closers.push(() => server.close())
  return server
}

function planOf(url: string, more = 'escalation-policy: PPOLICY'): Plan {
  const roster = `roster: { kind: pagerduty, url: "${url}", ${more}, token: "{{ secret.PAGER }}" }`
  const text = `---\nholdpoint: 1\nsecrets: { PAGER: env }\n${roster}\n---\n# Release\n\n## Go\n- [ ] A step\n`
  const { plan, problems } = compile(
    { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
    testKinds,
  )
  expect(problems).toEqual([])
  return plan!
}

function reader(token = readKey) {
  const outbound = createOutbound()
  closers.push(() => outbound.close())
  return createRosterReader({ clock: realClock(), outbound, vault: createSecretVault({ PAGER: token }) })
}

const people = 'people: { PUSER01: ana, "BEN@shop.example": ben }'

describe('a roster that PagerDuty keeps', () => {
  test('says who is on call at the first three levels of an escalation policy, by id and by e-mail address', async () => {
    const end = hour(2)
    const server = await serve([
      onCall(ana, { end }),
      onCall(ben, { level: 2, schedule: null, end: null }),
      onCall(cy, { level: 3 }),
      onCall(ana, { level: 4 }),
      onCall(ben, { policy: 'POTHER1' }),
    ])
    const answer = await reader().read(planOf(server.url, `escalation-policy: PPOLICY, ${people}`), 'now')
    expect(answer).toMatchObject({
      kind: 'answered',
      by: new URL(server.url).host,
      onCall: [
        { level: 'primary', person: 'ana', until: Date.parse(end), user: 'PUSER01' },
        { level: 'secondary', person: 'ben', until: null, user: 'PUSER02' },
        { level: 'escalation', person: 'cy@elsewhere.example' },
      ],
      strangers: [],
    })
    expect(server.posted[0]?.headers['authorization']).toBe(`Token token=${readKey}`)
  })

  test('may be a schedule for each level', async () => {
    const server = await serve([onCall(ana), onCall(ben, { schedule: 'PSCHED2', level: 3 }), onCall(ana, { level: 2 })])
    const plan = planOf(server.url, `schedule: { primary: PSCHED1, escalation: PSCHED2 }, ${people}`)
    const answer = await reader().read(plan, 'now')
    expect(answer.kind === 'answered' && answer.onCall.map(({ level, person }) => [level, person])).toEqual([
      ['primary', 'ana'],
      ['escalation', 'ben'],
    ])
  })

  test('is read to its last page', async () => {
    const many = Array.from({ length: 230 }, (_, index) =>
      onCall({ id: `PU${1000 + index}`, name: `N ${index}`, email: `n${index}@shop.example` }),
    )
    const server = await serve(many)
    const answer = await reader().read(planOf(server.url), 'now')
    expect(answer.kind === 'answered' && new Set(answer.onCall.map(({ person }) => person)).size).toBe(230)
    expect(server.posted.map(({ path }) => new URL(path, 'http://x').searchParams.get('offset'))).toEqual([
      '0',
      '100',
      '200',
    ])
  })

  test('knows nobody whose hours are not now, and calls whom nothing names a stranger', async () => {
    const server = await serve([
      onCall(ana, { start: hour(1) }),
      onCall(ben, { end: hour(-1) }),
      onCall({ ...cy, email: '' }),
    ])
    expect(await reader().read(planOf(server.url, `escalation-policy: PPOLICY, ${people}`), 'now')).toMatchObject({
      onCall: [],
      strangers: [{ level: 'primary', who: 'Cy Young (PUSER03)' }],
    })
  })

  test('is asked anew for a decision, and at most twice a minute for a look', async () => {
    const server = await serve([onCall(ana)])
    const plan = planOf(server.url)
    const roster = reader()
    await roster.read(plan, 'lately')
    server.say([onCall(ben)])
    expect(await roster.read(plan, 'lately')).toMatchObject({ onCall: [{ person: 'ana@shop.example' }] })
    expect(await roster.read(plan, 'now')).toMatchObject({ onCall: [{ person: 'ben@shop.example' }] })
    expect(await roster.read(plan, 'lately')).toMatchObject({ onCall: [{ person: 'ben@shop.example' }] })
    expect(server.posted).toHaveLength(2)
  })

  test('waits where it is asked to for a moment, and names nobody where that is longer', async () => {
    const server = await serve([onCall(ana)])
    server.limit(1, '1')
    expect(await reader().read(planOf(server.url), 'now')).toMatchObject({ kind: 'answered' })
    server.limit(1, '40')
    expect(await reader().read(planOf(server.url), 'now')).toMatchObject({
      kind: 'unknown',
      say: `${new URL(server.url).host} answered 429 and asks to wait 40 s`,
    })
  })

  test('that refuses, breaks or is not there names nobody, and says why without the token', async () => {
    const server = await serve([onCall(ana)])
    const say = async (plan: Plan, token = readKey): Promise<string> => {
      const answer = await reader(token).read(plan, 'now')
      return answer.kind === 'unknown' ? answer.say : `answered: ${JSON.stringify(answer)}`
    }
    const plan = planOf(server.url)
    expect(await say(plan, 'wrong-key')).toMatch(/answered 401: it does not take this token/)
    expect(await say(plan, '')).toContain('PAGER')
    expect(await say(planOf(server.url, 'escalation-policy: PNOWHERE'))).toMatch(
      /answered 404: Not Found; PNOWHERE could not be found; it knows no such escalation policy or schedule/,
    )
    const json = { 'content-type': 'application/json' }
    server.break(() => ({ status: 200, headers: json, body: '{"oncalls": [{"user": {}}], "more": false}' }))
    expect(await say(plan)).toMatch(/answered what is no list of people on call: oncalls\.0\.user\.id/)
    server.break(() => ({
      status: 200,
      headers: json,
      body: '{"oncalls": [], "more": true, "limit": 100, "offset": 0}',
    }))
    expect(await say(plan)).toMatch(/answered from 0 on, asked for 100/)
    server.break(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/oncalls' }, body: '' }))
    expect(await say(plan)).toMatch(/answered 302$/)
    server.break(() => ({ status: 403, headers: json, body: JSON.stringify({ error: { message: `no: ${readKey}` } }) }))
    expect(await say(plan)).not.toContain(readKey)
    server.close()
    expect(await say(plan)).toMatch(/cannot be reached/)
  })

  test('names everybody or nobody of a list that breaks off between its pages', async () => {
    const many = Array.from({ length: 130 }, (_, index) => onCall({ ...ana, id: `PU${1000 + index}` }))
    const server = await serve(many)
    const plan = planOf(server.url)
    expect(await reader().read(plan, 'now')).toMatchObject({ kind: 'answered' })
    expect(server.posted).toHaveLength(2)
    server.break(({ path }) => (path.includes('offset=100') ? { status: 400, body: 'no' } : null))
    expect(await reader().read(plan, 'now')).toMatchObject({ kind: 'unknown' })
    server.break(null)
    // The stand-in itself takes no page of more than a hundred.
    const headers = { authorization: `Token token=${readKey}`, accept: 'application/vnd.pagerduty+json;version=2' }
    expect((await fetch(`${server.url}/oncalls?limit=101`, { headers })).status).toBe(400)
    const older = { ...headers, accept: 'application/vnd.pagerduty+json;version=1' }
    expect((await fetch(`${server.url}/oncalls`, { headers: older })).status).toBe(406)
  })
})

describe('the settings of such a roster', () => {
  const codes = (roster: string) => {
    const text = `---\nholdpoint: 1\nsecrets: { PAGER: env }\nroster: { ${roster} }\n---\n# Release\n\n## Go\n- [ ] A step\n`
    return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds).problems.map(
      ({ code, line, found, expected }) => [code, line, `${found} / ${expected}`],
    )
  }
  const token = 'token: "{{ secret.PAGER }}"'

  test('are refused with their place where they are not whole, or the token itself stands there', () => {
    expect(codes(`kind: pagerduty, escalation-policy: PPOLICY, ${token}`)).toEqual([])
    expect(codes(`kind: opsgenie, escalation-policy: PPOLICY, ${token}`)[0]).toMatchObject({ 0: 'bad-value', 1: 4 })
    expect(codes('kind: pagerduty, escalation-policy: PPOLICY')[0]).toMatchObject({ 0: 'missing-attribute', 1: 4 })
    expect(codes('kind: pagerduty, escalation-policy: PPOLICY, token: abc')[0]?.[2]).toMatch(
      /a token that is no secret \/ a declared secret; the value never stands here/,
    )
    expect(codes('kind: pagerduty, escalation-policy: PPOLICY, token: "{{ secret.PAGRE }}"')[0]?.[2]).toMatch(
      /the secret "PAGRE", which is not declared \/ PAGER/,
    )
    expect(codes(`kind: pagerduty, ${token}`)[0]).toMatchObject({ 0: 'missing-attribute', 1: 4 })
    expect(codes(`kind: pagerduty, escalation-policy: PPOLICY, schedule: PSCHED1, ${token}`)[0]?.[2]).toMatch(
      /one of both/,
    )
    expect(codes(`kind: pagerduty, schedule: the-one, ${token}`)[0]?.[2]).toMatch(/an id as it stands/)
    expect(
      codes(`kind: pagerduty, escalation-policy: PPOLICY, url: "https://{{ input.host }}", ${token}`)[0]?.[2],
    ).toMatch(/the address of an API, without variables/)
    expect(codes(`kind: pagerduty, escalation-policy: PPOLICY, people: { PUSER01: [ana] }, ${token}`)[0]?.[2]).toMatch(
      /a list for "PUSER01"/,
    )
    expect(codes(`kind: pagerduty, escalation-policy: PPOLICY, primary: ana, ${token}`)[0]?.[0]).toBe(
      'unknown-attribute',
    )
  })
})
