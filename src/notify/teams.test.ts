import { afterAll, describe, expect, test } from 'vitest'
import { type PostedServer, startPostedServer } from '../../test/support/posted-server.ts'
import { startTeams } from '../../test/support/teams.ts'
import type { Message } from '../core/ports/notify.ts'
import { loopbackPowers, wordsOf } from './notify.fixture.ts'
import { teams } from './teams.ts'

const servers: PostedServer[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function serving(settings: Parameters<typeof startTeams>[0] = {}): ReturnType<typeof startTeams> {
  const server = await startTeams(settings)
  servers.push(server)
  return server
}

const message: Message = {
  id: 'm1',
  release: 'r1',
  on: 'rollout.started',
  subject: 'my_service *1.2.3*: rollout started',
  body: '**10 %** of traffic\n\n- errors 0.42 %\n- [board](https://grafana.example.com/d/1)',
}

function sending(hook: string, what: Partial<Message> = {}, slept: number[] = []): Promise<string> {
  const config = teams.config.parse({ url: hook })
  const whole = { ...message, ...what }
  return teams.send(teams.render(whole, config), whole, config, loopbackPowers(slept)).then(wordsOf)
}

describe.each(['workflow', 'connector'] as const)('the webhook of a %s', (kind) => {
  test('gets a card with subject, Markdown and where it comes from', async () => {
    const server = await serving({ kind })
    expect(await sending(server.hook)).toBe(`${kind === 'workflow' ? 202 : 200} from 127.0.0.1:${server.port}`)
    expect(server.cards[0]?.body?.map(({ text }) => text)).toEqual([
      'my\\_service \\*1.2.3\\*: rollout started',
      message.body,
      'r1 · rollout.started',
    ])
  })

  test('gets the longest message shortened to what Teams takes', async () => {
    const server = await serving({ kind })
    for (const body of ['ü'.repeat(40_000), '\\"\n'.repeat(20_000), '*_['.repeat(20_000), '![a](b)'.repeat(9_000)])
      await sending(server.hook, { subject: '*'.repeat(900), body, release: '_'.repeat(900) })
    expect(server.cards).toHaveLength(4)
    for (const { body } of server.cards) expect(body?.at(-1)?.text).toContain('too long for Teams')
  })

  test('that does not take the card says why, and never its path', async () => {
    const server = await serving({ kind })
    const config = teams.config.parse({ url: server.hook })
    for (const body of ['{', '{"type":"message"}', JSON.stringify({ type: 'message', attachments: [{}] })]) {
      const refused = teams.send(body, message, config, loopbackPowers())
      await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable: false })
      await expect(refused).rejects.toThrow(/400/)
      await expect(refused).rejects.not.toThrow(/workflows|s3cretSig/)
    }
    expect(server.cards).toEqual([])
  })
})

test('a webhook that was deleted, or another path, is a final fault', async () => {
  const server = await serving()
  await expect(sending(`${server.url}/workflows/other`)).rejects.toMatchObject({ retryable: false })
})

test('a connector that says 429 inside of its 200 is tried again later', async () => {
  const server = await startPostedServer(() => ({
    status: 200,
    body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x',
  }))
  servers.push(server)
  const refused = sending(server.url)
  await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable: true })
})

test('calls nobody, fetches no picture and links to nothing that is no address, whatever it quotes', async () => {
  const server = await serving()
  await sending(server.hook, {
    body: '<at>Ana</at> ![p](https://t.example.com/p.png) [x](javascript:alert(1)) [y](https://y.example.com)',
  })
  expect(server.cards[0]?.body?.[1]?.text).toBe(
    '‹at>Ana‹/at> ! [p](https://t.example.com/p.png) [x] (javascript:alert(1)) [y](https://y.example.com)',
  )
})

test('too many messages: a short wait is waited for', async () => {
  const server = await serving({ limited: { times: 1, seconds: '4' } })
  const slept: number[] = []
  await sending(server.hook, {}, slept)
  expect([slept, server.cards.length]).toEqual([[4_000], 1])
})

test('an address that is none is refused when the checklist is compiled', () => {
  expect(teams.config.safeParse({ url: 'teams' }).error?.issues[0]?.message).toMatch(
    /^expected the address of the webhook/,
  )
  expect(teams.config.safeParse({ url: '{{ secret.TEAMS_URL }}' }).success).toBe(true)
})
