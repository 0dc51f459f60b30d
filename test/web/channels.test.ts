/** Slack and the status page end to end: a real server, signed presses of buttons, a card that follows, and what strangers read. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { troublesOn, widthTooMuch } from '../support/look-at-page.ts'
import { startPostedServer, type PostedServer } from '../support/posted-server.ts'
import { pressed, signingSecret, slackToken, type SlackStandIn, startSlack } from '../support/slack.ts'
import { hasChromium, openWindows, startWebTeam, type WebTeam, type Windows } from '../support/web-team.ts'

const ATTACK = '<img src=x onerror="window.ran=1">'
const hour = 3_600_000

const checklist = (slack: string): string =>
  [
    '---',
    'holdpoint: 1',
    'service: checkout',
    'environments: { staging: {} }',
    'secrets: { SLACK_TOKEN: env }',
    'channels:',
    `  chat: { kind: slack, url: "${slack}/api", token: "{{ secret.SLACK_TOKEN }}", channel: "#releases", buttons: true }`,
    '---',
    '# Checkout',
    '',
    '## Before',
    '',
    '```md notify on=release.started to=chat,status',
    'We are updating {{ service }}.',
    '```',
    '- [ ] Somebody looked at it',
    '- [ ] Ship it',
    '  ```yaml approve',
    '  roles: [approver]',
    '  ```',
    '',
  ].join('\n')

describe.skipIf(!hasChromium())('channels', () => {
  let chat: SlackStandIn
  let hooks: PostedServer
  let team: WebTeam
  let windows: Windows
  let ana: Page

  beforeAll(async () => {
    chat = await startSlack()
    hooks = await startPostedServer(() => ({ status: 200, body: 'ok' }))
    team = await startWebTeam([], undefined, {
      HOLDPOINT_SLACK_SIGNING_SECRET: signingSecret,
      HOLDPOINT_SLACK_HOOKS: hooks.url,
      SLACK_TOKEN: slackToken,
    })
    windows = await openWindows()
    ana = await windows.signedIn(team.server.address, 'ana', { viewport: { width: 1440, height: 900 } })
  }, 120_000)
  afterAll(async () => {
    await windows?.end()
    await team?.end()
    chat?.close()
    hooks?.close()
  })

  const told = (): string => (JSON.parse(hooks.posted.at(-1)?.body ?? '{}') as { text?: string }).text ?? ''

  async function press(what: { readonly action: string; readonly value: object }): Promise<string> {
    const count = hooks.posted.length
    const { body, headers } = pressed({ user: 'U0ANA', answerTo: `${hooks.url}/actions/T0ACME/1/x`, ...what })
    const answer = await fetch(`${team.server.address}/v1/slack/interactions`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    await until(() => hooks.posted.length > count)
    return told()
  }

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  const cardText = (): string => JSON.stringify(chat.messages.find(({ thread }) => thread === null)?.blocks ?? [])

  test('a release is one thread in Slack, and a linked person decides there by buttons while the card follows', async () => {
    const release = await team.start(checklist(chat.url))
    await until(() => chat.messages.length >= 2)
    expect(chat.messages.map(({ thread }) => thread)).toEqual([null, chat.messages[0]?.ts])
    const first = await press({ action: 'hold', value: { release, step: null } })
    const [, code = ''] = /\*([A-Z0-9-]{11})\*/.exec(first) ?? []
    await ana.goto(`${team.server.address}/settings`)
    await ana.getByRole('button', { name: 'Enter a code' }).click()
    await ana.getByRole('textbox', { name: 'Code' }).fill('WRONG-WRONG')
    await ana.getByRole('button', { name: 'Go on' }).click()
    await ana.getByText('There is no such code').waitFor()
    await ana.getByRole('textbox', { name: 'Code' }).fill(code)
    await ana.getByRole('button', { name: 'Go on' }).click()
    await ana.getByText('Are you u0ana.slack in Slack?').waitFor()
    await ana.getByRole('button', { name: 'Yes, that is me' }).click()
    await ana.getByText('U0ANA of T0ACME').waitFor()
    expect(await troublesOn(ana)).toEqual([])
    await shot(ana, 'settings-account-1440')
    expect(await press({ action: 'hold', value: { release, step: null } })).toBe('Done as ana: the release is held.')
    await until(() => cardText().includes('Held by ana'))
    await press({ action: 'resume', value: { release, step: null } })
    await until(() => !cardText().includes('Held by ana'))
    const value = { release, step: stepIn(cardText(), 'answer'), answer: 'passed' }
    expect(await press({ action: `answer:${value.step}:passed`, value })).toBe('Done as ana: answered.')
    await until(() => !cardText().includes('Somebody looked'))
  })

  /** The step that a button of the card is about. */
  function stepIn(card: string, action: string): string {
    return new RegExp(`"action_id":"${action}:([^:"]+)`).exec(card)?.[1] ?? ''
  }

  test('an incident is reported, moved on and resolved on the page, and strangers read each word of it', async () => {
    const root = team.server.person('root')
    await team.server.holdpoint(root, ['organisation', 'status-page', 'acme', 'on'])
    await ana.goto(`${team.server.address}/settings/status`)
    await ana.getByRole('button', { name: 'Report an incident' }).click()
    await ana.getByLabel('Title').fill(`Slow payments ${ATTACK}`)
    await ana.getByRole('button', { name: 'Report it' }).click()
    const entry = ana.locator('.entries > li', { hasText: 'Slow payments' })
    await entry.getByText('We are looking into a problem.').waitFor()
    await entry.getByRole('button', { name: 'Update' }).click()
    await ana.getByLabel('identified').check()
    await ana.getByLabel('What strangers read').fill('A slow query.')
    await ana.getByRole('button', { name: 'Publish it' }).click()
    await entry.getByText('A slow query.').waitFor()
    const engineer = team.server.person('ana')
    const from = new Date(Date.now() + hour).toISOString()
    const args = ['status', 'schedule', 'acme', '--title', 'Database upgrade', '--from', from, '--until', '2h']
    expect((await team.server.holdpoint(engineer, args)).out).toMatch(/Database upgrade: scheduled/)
    await ana.reload()
    await ana.getByText('Database upgrade').waitFor()
    expect([await troublesOn(ana), await widthTooMuch(ana)]).toEqual([[], 0])
    const stranger = await (
      await windows.open({ viewport: { width: 360, height: 800 }, colorScheme: 'dark' })
    ).newPage()
    await until(async () => {
      await stranger.goto(`${team.server.address}/status/acme`)
      return (await stranger.textContent('body'))?.includes('Database upgrade') === true
    })
    expect(await stranger.getByRole('heading', { level: 1 }).textContent()).toBe(`Slow payments ${ATTACK}`)
    expect(await stranger.textContent('body')).toMatch(/cause known.*A slow query\..*Planned.*Database upgrade/s)
    expect(await stranger.textContent('body')).not.toContain('ana')
    expect([await troublesOn(stranger), await widthTooMuch(stranger)]).toEqual([[], 0])
    expect(await stranger.evaluate('window.ran')).toBeUndefined()
    await shot(stranger, 'status-360-dark')
    await shot(ana, 'settings-status-1440')
    const id =
      (await team.server.holdpoint(engineer, ['status', 'list', 'acme'])).out.match(/^(\d+) {2}Slow/m)?.[1] ?? ''
    expect((await team.server.holdpoint(engineer, ['status', 'end', 'acme', id])).out).toMatch(/resolved/)
    const again = await team.server.holdpoint(engineer, ['status', 'end', 'acme', id])
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('is resolved already')])
  })

  async function shot(page: Page, name: string): Promise<void> {
    const folder = process.env['HOLDPOINT_SHOTS']
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }
})
