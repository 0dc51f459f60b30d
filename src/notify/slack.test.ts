import { afterAll, describe, expect, test } from 'vitest'
import type { PostedServer } from '../../test/support/posted-server.ts'
import { slackToken, startSlack } from '../../test/support/slack.ts'
import type { Message } from '../core/ports/notify.ts'
import { loopbackPowers, wordsOf } from './notify.fixture.ts'
import { slack } from './slack.ts'
import { mrkdwnOf } from './slack-parts/mrkdwn.ts'

const servers: PostedServer[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function serving(settings: Parameters<typeof startSlack>[0] = {}): ReturnType<typeof startSlack> {
  const server = await startSlack(settings)
  servers.push(server)
  return server
}

const message: Message = {
  id: 'm1',
  release: 'r1',
  on: 'rollout.started',
  subject: 'Checkout 1.2.3: rollout started',
  body: '**10 %** of traffic\n\n- errors 0.42 %\n- [board](https://grafana.example.com/d/1?a=1&b=2)',
}

function sending(
  { url }: { url: string },
  more: object = {},
  what: Partial<Message> = {},
  slept: number[] = [],
): Promise<string> {
  const config = slack.config.parse({ url: `${url}/api`, token: slackToken, channel: 'C0123456789', ...more })
  const whole = { ...message, ...what }
  return slack.send(slack.render(whole, config), whole, config, loopbackPowers(slept)).then(wordsOf)
}

test('a message is a header, its text and where it comes from', async () => {
  const server = await serving()
  expect(await sending(server)).toBe('posted in C0123456789 at 1700000000.000001')
  expect(server.messages[0]).toMatchObject({
    text: 'Checkout 1.2.3: rollout started',
    blocks: [
      { type: 'header', text: { text: 'Checkout 1.2.3: rollout started' } },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: '*10 %* of traffic\n\n• errors 0.42 %\n• <https://grafana.example.com/d/1?a=1&amp;b=2|board>',
        },
      },
      { type: 'context', elements: [{ text: 'r1 · rollout.started' }] },
    ],
  })
  expect(server.posted[0]?.headers.authorization).toBe(`Bearer ${slackToken}`)
})

test('Markdown is written as Slack writes it', () => {
  expect(mrkdwnOf('# Now\n1. *a*\n2. ~~b~~\n   - c\n\n```sh\nx < y & z\n```\n`<!here>`\n\n---\nend')).toBe(
    '*Now*\n1. _a_\n2. ~b~\n    • c\n\n```\nx &lt; y &amp; z\n```\n`&lt;!here&gt;`\n\n———\nend',
  )
})

test('nobody is called by what a message quotes from outside', async () => {
  const server = await serving()
  const evil = '<!channel> <@U1> [all](!channel) [you](@U1) [room](#C1) <https://x|y> ![p](https://t.example.com/p.png)'
  await sending(server, {}, { subject: evil, body: `${evil} again` })
  const { text = '', blocks = [] } = server.messages[0] ?? {}
  for (const shown of [text, blocks[1]?.text?.text ?? '']) {
    expect(shown).toContain('&lt;!channel&gt; &lt;@U1&gt;')
    expect(shown).not.toMatch(/<[!@#]/)
  }
})

test('the longest message is cut into blocks that Slack takes, and says that it was cut', async () => {
  const server = await serving()
  await sending(
    server,
    {},
    { subject: '🚀'.repeat(400), body: `${'word '.repeat(40_000)}\n\n${'l\n\n'.repeat(4_000)}` },
  )
  const [posted] = server.messages
  expect(posted?.blocks.length).toBeLessThanOrEqual(50)
  expect(posted?.blocks.at(-1)?.elements?.[0]?.text).toContain('too long for Slack')
  await sending(server, {}, { subject: ' ', body: '\n' })
  expect(server.messages[1]?.text).toBe('rollout.started')
})

describe('what Slack refuses', () => {
  test.each([
    ['a wrong token', { token: 'xoxb-wrong' }, /the token is not known \(invalid_auth\)/, false],
    ['a revoked token', { token: 'xoxb-revoked' }, /the token was revoked/, false],
    ['a bot without the right', { token: 'xoxb-reader' }, /chat:write.*\(missing_scope; needs chat:write\)/, false],
    ['a channel that is not there', { channel: '#nowhere' }, /there is no such channel/, false],
    ['an archived channel', { channel: 'C0ARCHIVED' }, /the channel is archived/, false],
    ['a channel without the bot', { channel: 'C0PRIVATE' }, /invite it to the channel/, false],
    ['a fault of its own', { token: 'xoxb-broken' }, /something broke at Slack/, true],
  ])('%s is said in words', async (_name, more, words, retryable) => {
    const refused = sending(await serving(), more)
    await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable })
    await expect(refused).rejects.toThrow(words)
    await expect(refused).rejects.not.toThrow(/xoxb/)
  })

  test('is told with the place where a block is wrong', async () => {
    const server = await serving()
    const config = slack.config.parse({ url: `${server.url}/api`, token: slackToken, channel: 'C0123456789' })
    const body = JSON.stringify({
      channel: 'C0123456789',
      blocks: [{ type: 'section', text: { text: 'x'.repeat(3_001) } }],
    })
    await expect(slack.send(body, message, config, loopbackPowers())).rejects.toThrow(
      'invalid_blocks; must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    )
    await expect(slack.send('{', message, config, loopbackPowers())).rejects.toThrow('invalid_json')
  })
})

describe('too many messages', () => {
  test('a short wait is waited for, and the message is posted once', async () => {
    const server = await serving({ limited: { times: 1, seconds: '3' } })
    const slept: number[] = []
    await sending(server, {}, {}, slept)
    expect([slept, server.messages.length]).toEqual([[3_000], 1])
  })

  test.each([
    [{ times: 2, seconds: '1' }, 1, 'asks to wait 1 s'],
    [{ times: 1, seconds: '60' }, 0, 'asks to wait 60 s'],
    [{ times: 1, seconds: null }, 0, 'takes no more messages'],
  ])('a long wait, a second one or none that is said is left to a later try (%j)', async (limited, waits, words) => {
    const server = await serving({ limited })
    const slept: number[] = []
    const refused = sending(server, {}, {}, slept)
    await expect(refused).rejects.toMatchObject({ retryable: true })
    await expect(refused).rejects.toThrow(words)
    expect([slept.length, server.messages.length]).toEqual([waits, 0])
  })
})

test('settings that Slack would not know are refused when the checklist is compiled', () => {
  const refusal = (more: object): string =>
    slack.config.safeParse({ token: slackToken, channel: '#releases', ...more }).error?.issues[0]?.message ?? ''
  expect(refusal({})).toBe('')
  expect(refusal({ token: '{{ secret.SLACK_TOKEN }}' })).toBe('')
  expect(refusal({ token: 'hunter2' })).toMatch(/expected the bot token/)
  expect(refusal({ channel: 'a b' })).toMatch(/expected the id of a channel such as C0123456789/)
})
