import { afterAll, expect, test } from 'vitest'
import { routingKey, startPagerduty } from '../../test/support/pagerduty.ts'
import { slackToken, startSlack } from '../../test/support/slack.ts'
import { startSmtpServer } from '../../test/support/smtp-server.ts'
import { startTeams, teamsPath } from '../../test/support/teams.ts'
import { notifiers } from '../notify/index.ts'
import { realClock } from './clock.ts'
import { askChannel, createMessenger } from './messenger.ts'
import { createOutbound } from './outbound.ts'
import { contextFor, releaseOf } from './release.fixture.ts'
import { createSecretVault } from './secret-vault.ts'

const [mail, chat, pager, team] = await Promise.all([startSmtpServer(), startSlack(), startPagerduty(), startTeams()])
const outbound = createOutbound()
afterAll(() => {
  for (const server of [mail, chat, pager, team, outbound]) server.close()
})

const secrets = { SLACK_TOKEN: slackToken, ROUTING_KEY: routingKey, TEAMS_URL: `${team.url}${teamsPath}` }
const message = {
  id: 'notify-1/any/4/release.held',
  release: 'r1',
  on: 'release.held',
  subject: 'Held by ana',
  body: `Why: **errors**, and somebody pasted ${slackToken}`,
}

/** As a checklist declares them; `port` is where mail would be taken. */
const channels = (port: number): string => `secrets: { SLACK_TOKEN: env, ROUTING_KEY: env, TEAMS_URL: env }
channels:
  mail: { kind: email, url: "smtp://127.0.0.1:${port}", starttls: none, from: "{{ version }}@example.com", to: [team@example.com] }
  chat: { kind: slack, url: "${chat.url}/api", token: "{{ secret.SLACK_TOKEN }}", channel: "#releases" }
  pager: { kind: pagerduty, url: "${pager.url}", routing-key: "{{ secret.ROUTING_KEY }}" }
  team: { kind: teams, url: "{{ secret.TEAMS_URL }}" }`

function sending(channel: string, frontMatter = channels(mail.port)): Promise<{ ok: boolean; say: string }> {
  const messenger = createMessenger({
    notifiers,
    clock: realClock(),
    outbound,
    vault: createSecretVault(secrets),
    console: () => {},
  })
  const environment = 'environments: { staging: {} }\n'
  const state = releaseOf({ frontMatter: `${environment}${frontMatter}`, steps: '- [ ] Look', notifiers })
  return messenger.send(message, channel, contextFor(state))
}

test('what a checklist declares reaches each service with its secrets, and none of them is said or sent on', async () => {
  for (const channel of ['mail', 'chat', 'pager', 'team']) {
    const { ok, say } = await sending(channel)
    expect([channel, ok, say]).toEqual([channel, true, expect.stringMatching(/\S/)])
    for (const secret of Object.values(secrets)) expect(say).not.toContain(secret)
  }
  const sent = [mail.mails[0]?.raw, chat.messages[0], [...pager.alerts.values()], pager.posted[0]?.body, team.cards[0]]
  for (const one of sent) {
    expect(JSON.stringify(one)).toMatch(/Held by ana/)
    expect(JSON.stringify(one)).not.toContain(slackToken)
  }
  expect(mail.mails[0]?.from).toBe('1.2.3@example.com')
})

test('a mail server that an input names is not reached on this machine in a protected environment', async () => {
  const declared = channels(mail.port).replace(`127.0.0.1:${mail.port}`, '{{ server }}')
  const taken = mail.mails.length
  const frontMatter = `environments: { production: { protected: true } }\ninputs: { server: { type: string, default: "127.0.0.1:${mail.port}" } }\n${declared}`
  const messenger = createMessenger({
    notifiers,
    clock: realClock(),
    outbound,
    vault: createSecretVault(secrets),
    console: () => {},
  })
  const state = releaseOf({
    frontMatter,
    steps: '- [ ] Look',
    notifiers,
    environment: 'production',
    inputs: { server: `127.0.0.1:${mail.port}` },
  })
  const { ok, final, say } = await messenger.send(message, 'mail', contextFor(state))
  expect({ ok, final, say, taken: mail.mails.length }).toMatchObject({ ok: false, final: true, taken })
  expect(say).toMatch(/local or metadata address/)
})

test('doctor asks each channel that can be asked, and no message is sent', async () => {
  const counts = () => [mail.mails.length, chat.messages.length, pager.alerts.size, team.cards.length]
  const before = counts()
  const deps = { notifiers, clock: realClock(), outbound, vault: createSecretVault(secrets), console: () => {} }
  const environment = 'environments: { staging: {} }\n'
  const context = (port: number) =>
    contextFor(releaseOf({ frontMatter: `${environment}${channels(port)}`, steps: '- [ ] Look', notifiers }))
  const asked = (name: string, port = mail.port) => askChannel(name, context(port), deps)
  expect(await asked('mail')).toEqual({ ok: true, say: '127.0.0.1 answers' })
  expect(await asked('chat')).toEqual({ ok: true, say: 'the token is that of releases of Acme' })
  expect([await asked('pager'), await asked('team')]).toEqual([null, null])
  expect(await asked('mail', 1)).toMatchObject({ ok: false, say: expect.stringContaining('cannot be reached') })
  const wrong = { ...deps, vault: createSecretVault({ ...secrets, SLACK_TOKEN: 'xoxb-wrong' }) }
  expect(await askChannel('chat', context(mail.port), wrong)).toMatchObject({
    ok: false,
    say: expect.stringContaining('the token is not known'),
  })
  expect(counts()).toEqual(before)
})
