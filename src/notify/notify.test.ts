import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { brokenKey, routingKey, startPagerduty } from '../../test/support/pagerduty.ts'
import { slackToken, startSlack } from '../../test/support/slack.ts'
import { startSmtpServer } from '../../test/support/smtp-server.ts'
import { startStatuspage, statuspagePage, statuspageToken } from '../../test/support/statuspage.ts'
import { startTeams } from '../../test/support/teams.ts'
import type { NotifyPowers } from '../core/ports/notify.ts'
import { OutboundFault } from '../core/ports/outbound.ts'
import { createOutbound } from '../worker/outbound.ts'
import { consoleChannel } from './console.ts'
import { file } from './file.ts'
import { notifiers } from './index.ts'
import { message, notifierContract, type NotifierCases } from './notify.contract.ts'
import { loopbackPowers } from './notify.fixture.ts'
import { webhook } from './webhook.ts'

const root = mkdtempSync(join(tmpdir(), 'holdpoint-notify-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
mkdirSync(join(root, 'folder'))
symlinkSync('/tmp', join(root, 'out'))
symlinkSync(join(root, 'elsewhere'), join(root, 'link'))

interface Sent {
  readonly url: string
  readonly init: Parameters<NotifyPowers['http']>[1]
}

function powers(answer: number | Error = 200, sent: Sent[] = [], lines: string[] = []): NotifyPowers {
  return {
    signal: new AbortController().signal,
    clock: { now: () => 1_700_000_000_500, sleep: () => Promise.resolve() },
    root,
    http: (url, init) => {
      sent.push({ url, init })
      return typeof answer === 'number'
        ? Promise.resolve(new Response(null, { status: answer }))
        : Promise.reject(answer)
    },
    place: (url) => guard.place(url, { rules: [{ host: '127.0.0.1', port: null, trust: 'literal' }], protected: true }),
    console: (line) => lines.push(line),
  }
}

const guard = createOutbound()
const mailServer = await startSmtpServer()
const pager = await startPagerduty()
const teamsServer = await startTeams()
const slackServer = await startSlack()
afterAll(() => {
  mailServer.close()
  pager.close()
  teamsServer.close()
  slackServer.close()
})
const statusServer = await startStatuspage()
afterAll(() => statusServer.close())
const refusing = (fault: Error): NotifyPowers => ({ ...powers(), place: () => Promise.reject(fault) })

const answering = (status: number, retryable: boolean): NotifierCases['fails'][number] => ({
  name: `${status} answered`,
  powers: () => powers(status),
  retryable,
})

/** One line per kind; the suite below fails for a kind without cases. */
const cases: Readonly<Record<string, NotifierCases>> = {
  console: { config: {}, works: powers, fails: [] },
  email: {
    config: {
      url: `smtp://127.0.0.1:${mailServer.port}`,
      starttls: 'none',
      from: 'releases@example.com',
      to: ['team@example.com'],
    },
    works: powers,
    fails: [
      { name: 'a recipient that is not there', config: { to: ['unknown@example.com'] }, powers, retryable: false },
      { name: 'a recipient for later', config: { to: ['later@example.com'] }, powers, retryable: true },
      { name: 'a server without the TLS it must have', config: { starttls: 'required' }, powers, retryable: false },
      { name: 'nobody there', config: { url: 'smtp://127.0.0.1:1' }, powers, retryable: true },
      {
        name: 'a name that is not found',
        powers: () => refusing(new OutboundFault('unreachable', 'the name was not found', { retryable: true })),
        retryable: true,
      },
      {
        name: 'an address the guard refuses',
        powers: () => refusing(new OutboundFault('refused', 'not declared', { retryable: false })),
        retryable: false,
      },
    ],
  },
  file: {
    config: { path: 'messages.jsonl' },
    works: powers,
    fails: [
      { name: 'a file outside of the folder', config: { path: '../messages' }, powers, retryable: false },
      { name: 'a link out of the folder', config: { path: 'out/messages' }, powers, retryable: false },
      { name: 'a file that is a link', config: { path: 'link' }, powers, retryable: false },
      { name: 'a folder that is missing', config: { path: 'missing/messages' }, powers, retryable: true },
      { name: 'a folder in place of the file', config: { path: 'folder' }, powers, retryable: true },
    ],
  },
  pagerduty: {
    config: { url: pager.url, 'routing-key': routingKey },
    works: loopbackPowers,
    fails: [
      { name: 'a wrong key', config: { 'routing-key': 'x'.repeat(32) }, powers: loopbackPowers, retryable: false },
      { name: 'a fault there', config: { 'routing-key': brokenKey }, powers: loopbackPowers, retryable: true },
      { name: 'nobody there', config: { url: 'http://127.0.0.1:1' }, powers: loopbackPowers, retryable: true },
      ...[200, 302, 400, 404].map((status) => answering(status, false)),
      ...[408, 429, 500, 503].map((status) => answering(status, true)),
    ],
  },
  status: { config: {}, works: powers, fails: [] },
  statuspage: {
    config: { url: `${statusServer.url}/v1`, page: statuspagePage, token: statuspageToken },
    works: loopbackPowers,
    fails: [
      { name: 'a wrong token', config: { token: 'wrong' }, powers: loopbackPowers, retryable: false },
      { name: 'a page that is not there', config: { page: 'nowhere' }, powers: loopbackPowers, retryable: false },
      { name: 'nobody there', config: { url: 'http://127.0.0.1:1' }, powers: loopbackPowers, retryable: true },
      ...[200, 302, 403, 404, 422].map((status) => answering(status, false)),
      ...[408, 420, 429, 500, 503].map((status) => answering(status, true)),
    ],
  },
  slack: {
    config: { url: `${slackServer.url}/api`, token: slackToken, channel: 'C0123456789' },
    works: loopbackPowers,
    fails: [
      { name: 'a wrong token', config: { token: 'xoxb-wrong' }, powers: loopbackPowers, retryable: false },
      { name: 'a fault at Slack', config: { token: 'xoxb-broken' }, powers: loopbackPowers, retryable: true },
      { name: 'nobody there', config: { url: 'http://127.0.0.1:1' }, powers: loopbackPowers, retryable: true },
      {
        name: 'a place that is not declared',
        config: { url: 'https://x.example.com' },
        powers: loopbackPowers,
        retryable: false,
      },
      ...[400, 404, 302, 200].map((status) => answering(status, false)),
      ...[408, 429, 500, 503].map((status) => answering(status, true)),
    ],
  },
  teams: {
    config: { url: teamsServer.hook },
    works: loopbackPowers,
    fails: [
      { name: 'another path', config: { url: `${teamsServer.url}/x` }, powers: loopbackPowers, retryable: false },
      { name: 'nobody there', config: { url: 'http://127.0.0.1:1' }, powers: loopbackPowers, retryable: true },
      ...[302, 400, 404].map((status) => answering(status, false)),
      ...[408, 429, 500, 503].map((status) => answering(status, true)),
    ],
  },
  webhook: {
    config: { url: 'https://hooks.example.com/T0K3N/releases', secret: 'a-signing-key' },
    works: powers,
    fails: [
      ...[400, 401, 404, 410, 302].map((status) => answering(status, false)),
      ...[408, 429, 500, 503].map((status) => answering(status, true)),
      {
        name: 'nobody there',
        powers: () => powers(new OutboundFault('unreachable', 'it cannot be reached', { retryable: true })),
        retryable: true,
      },
      {
        name: 'an address the guard refuses',
        powers: () => powers(new OutboundFault('refused', 'not declared', { retryable: false })),
        retryable: false,
      },
      { name: 'a fault of another kind', powers: () => powers(new Error('broken')), retryable: true },
    ],
  },
}

for (const definition of notifiers) {
  describe(definition.kind, () => {
    const own = cases[definition.kind]
    if (own) notifierContract(definition, own)
    else test('has cases for the contract', () => expect.fail(`add a line for ${definition.kind} to the cases`))
  })
}

test('every file of this folder is listed, under its own name', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !/\.(?:test|contract|fixture)\.ts$|^index\.ts$/.test(name))
    .map((name) => name.slice(0, -'.ts'.length))
  expect(notifiers.map((definition) => definition.kind)).toEqual(files.toSorted())
})

test('the console shows what steers a terminal instead of obeying it', async () => {
  const lines: string[] = []
  await consoleChannel.send(consoleChannel.render(message, {}), message, {}, powers(200, [], lines))
  expect(lines).toEqual(['Checkout 1.2.3: rollout started', 'Line one', '"quoted" \ufffd[2J'])
})

test('the file gets one line of JSON per message', () => {
  const lines = readFileSync(join(root, 'messages.jsonl'), 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(lines.map(() => message))
})

test('a folder that another process swaps all the time is written to where it was looked at, or not at all', async () => {
  const [folder, outside] = [join(root, 'raced'), mkdtempSync(join(tmpdir(), 'holdpoint-notify-outside-'))]
  mkdirSync(folder)
  const swapper = spawn(process.execPath, ['-e', swapScript, folder, outside], { stdio: 'ignore' })
  const seen = { written: 0, refused: 0 }
  try {
    // Until both have happened: somebody who never wins the race would prove nothing.
    const giveUpAt = performance.now() + 30_000
    while ((seen.written < 300 || seen.refused < 300) && performance.now() < giveUpAt) {
      const sending = file.send('{}', message, { path: 'raced/log' }, powers(200))
      seen[
        await sending.then(
          () => 'written' as const,
          () => 'refused' as const,
        )
      ] += 1
    }
    expect(readdirSync(outside)).toEqual([])
  } finally {
    swapper.kill('SIGKILL')
    rmSync(outside, { recursive: true, force: true })
  }
  expect(seen.written).toBeGreaterThan(0)
  expect(seen.refused).toBeGreaterThan(0)
})

/** Makes a folder a folder and a link in turn, as fast as it can. */
const swapScript = `const { renameSync, symlinkSync } = require('node:fs')
const [folder, outside] = process.argv.slice(1)
const [link, aside] = [folder + '.link', folder + '.aside']
symlinkSync(outside, link)
for (;;) {
  renameSync(folder, aside); renameSync(link, folder)
  renameSync(folder, link); renameSync(aside, folder)
}`

test('a receiver can check who sent the webhook, when, and that it is the same message', async () => {
  const sent: Sent[] = []
  for (const secret of ['a-signing-key', `whsec_${Buffer.from('a-signing-key').toString('base64')}`]) {
    const config = webhook.config.parse({ url: 'https://hooks.example.com/x', secret })
    await webhook.send(webhook.render(message, config), message, config, powers(200, sent))
  }
  for (const { init } of sent) {
    const { headers, body = '' } = init
    expect(JSON.parse(body)).toEqual(message)
    expect(headers).toMatchObject({
      'webhook-id': 'r1/r1-m7',
      'idempotency-key': 'r1/r1-m7',
      'webhook-timestamp': '1700000000',
      'content-type': 'application/json',
    })
    const expected = createHmac('sha256', 'a-signing-key').update(`r1/r1-m7.1700000000.${body}`).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${expected}`)
    expect(init.redirect).toBe('manual')
  }
})

test('without a secret nothing is signed, and a failure never shows the path of the address', async () => {
  const sent: Sent[] = []
  const config = webhook.config.parse({ url: 'https://hooks.example.com/T0K3N' })
  await webhook.send('{}', message, config, powers(200, sent))
  expect(sent[0]?.init.headers).not.toHaveProperty('webhook-signature')
  await expect(webhook.send('{}', message, config, powers(500))).rejects.toThrow('hooks.example.com answered 500')
})
