/** One thread per release in Slack: a card that is kept up to date, and replies under it. */
import { afterAll, expect, test } from 'vitest'
import { slackToken, startSlack } from '../../test/support/slack.ts'
import type { ChannelFacts, Delivered, Message } from '../core/ports/notify.ts'
import type { ReleaseCard } from '../core/ports/card.ts'
import { loopbackPowers } from './notify.fixture.ts'
import { slack } from './slack.ts'

const opened: { close(): void }[] = []
afterAll(() => {
  for (const server of opened) server.close()
})

async function serving(settings: Parameters<typeof startSlack>[0] = {}): ReturnType<typeof startSlack> {
  const server = await startSlack(settings)
  opened.push(server)
  return server
}

const card: ReleaseCard = {
  service: 'checkout',
  version: '1.2.3',
  previous: '1.2.2',
  environment: 'staging',
  isProtected: false,
  phase: 'running',
  tone: 'busy',
  now: 'Soaking: 10 %',
  verdict: '',
  asks: [],
  causes: [],
  isHeld: false,
  isEnded: false,
  startedBy: 'ana',
  startedAt: 0,
  expectedEnd: 3_600_000,
}

const message: Message = {
  id: 'm1',
  release: 'r1',
  on: 'stage.entered',
  subject: 'Stage 1 entered: 10 %',
  body: 'Ten percent of users.',
  page: 'https://releases.example.com/releases/r1',
}

async function sending(
  { url }: { url: string },
  what: Partial<Message> & { readonly card: ReleaseCard },
  more: object = {},
): Promise<Delivered> {
  const config = slack.config.parse({ url: `${url}/api`, token: slackToken, channel: '#releases', ...more })
  const whole = { ...message, ...what }
  const sent = await slack.send(slack.render(whole, config), whole, config, loopbackPowers())
  return typeof sent === 'string' ? { say: sent } : sent
}

const texts = (blocks: readonly object[]): string => JSON.stringify(blocks)

test('the first message of a release starts its thread under a card, and every later one is a reply in it', async () => {
  const server = await serving()
  const { keep } = await sending(server, { card })
  const second = await sending(server, {
    card: { ...card, now: 'Soaking: 50 %' },
    id: 'm2',
    kept: keep as ChannelFacts,
  })
  const [top, ...replies] = server.messages
  expect(texts(top?.blocks ?? [])).toContain('checkout 1.2.3 to staging')
  expect(texts(top?.blocks ?? [])).toContain('Soaking: 50 %')
  expect(replies.map(({ thread, isBroadcast }) => [thread, isBroadcast])).toEqual([
    [top?.ts, false],
    [top?.ts, false],
  ])
  expect(second.keep).toEqual({ ts: top?.ts, channel: 'C0123456789' })
})

test('what nobody asked to be told updates the card and posts nothing', async () => {
  const server = await serving()
  const { keep } = await sending(server, { card })
  const held = { ...card, tone: 'person', now: 'Held by ben: <!channel> look' } as const
  expect(await sending(server, { card: held, quiet: true, kept: keep as ChannelFacts })).toEqual({
    say: 'card updated',
  })
  expect(server.messages).toHaveLength(2)
  expect(texts(server.messages[0]?.blocks ?? [])).toContain('Held by ben: &lt;!channel&gt; look')
})

test('a card that somebody deleted is not missed: the next message starts another thread', async () => {
  const server = await serving()
  const { keep } = await sending(server, { card })
  server.delete(server.messages[0]?.ts ?? '')
  const quiet = await sending(server, { card, quiet: true, kept: keep as ChannelFacts })
  expect(quiet.keep).toEqual({ ts: '', channel: '' })
  const next = await sending(server, { card, kept: keep as ChannelFacts })
  const top = server.messages.find(({ thread, ts }) => thread === null && ts === next.keep?.['ts'])
  expect(server.messages.at(-1)?.thread).toBe(top?.ts)
})

test('a reply that failed is tried again in the thread that was begun', async () => {
  const server = await serving()
  const config = slack.config.parse({ url: `${server.url}/api`, token: slackToken, channel: '#releases' })
  const failed = slack.send('{"blocks":[]}', { ...message, card }, config, loopbackPowers())
  await expect(failed).resolves.toBeTruthy()
  const broken = { ...message, card }
  const refused = slack.send(
    JSON.stringify({ blocks: [{ type: 'section', text: { text: 'x'.repeat(4_000) } }] }),
    broken,
    config,
    loopbackPowers(),
  )
  await expect(refused).rejects.toMatchObject({ keep: { ts: expect.stringMatching(/^17/), channel: 'C0123456789' } })
})

test('bad news is shown in the channel as well as in the thread', async () => {
  const server = await serving()
  await sending(server, { card: { ...card, tone: 'bad', phase: 'rolling-back' }, on: 'rollback.started' })
  expect(server.messages[1]?.isBroadcast).toBe(true)
})

test('buttons are offered where they were asked for; what a protected environment asks opens the page', async () => {
  const asks = [
    { step: 's-1', word: 'approve', text: 'Ship it', answers: [], digest: 'd1' },
    { step: 's-2', word: 'answer', text: 'Looks good?', answers: ['yes', 'no'] },
  ] as const
  const server = await serving()
  await sending(server, { card: { ...card, asks } })
  await sending(server, { card: { ...card, asks } }, { buttons: true })
  await sending(server, { card: { ...card, asks, isProtected: true } }, { buttons: true })
  const actions = server.messages
    .filter(({ thread }) => thread === null)
    .map(({ blocks }) =>
      blocks.flatMap(({ type, elements = [] }) => (type === 'actions' ? elements : [])).map((each) => each.action_id),
    )
  expect(actions).toEqual([
    ['open:r1'],
    ['approve:s-1', 'answer:s-2:yes', 'answer:s-2:no', 'hold', 'abort', 'open:r1'],
    ['page:s-1', 'page:s-2', 'hold', 'abort', 'open:r1'],
  ])
  const signing = server.messages[4]?.blocks.flatMap(({ elements = [] }) => elements)[0]
  expect(signing?.url).toBe('https://releases.example.com/releases/r1/sign/s-1')
})

test('a checklist can have every message by itself', async () => {
  const server = await serving()
  await sending(server, { card }, { thread: false })
  expect(server.messages.map(({ thread }) => thread)).toEqual([null])
})
