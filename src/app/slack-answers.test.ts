/** What somebody who pressed a button is told goes to Slack, to that user alone, and nowhere else. */
import { afterAll, beforeEach, expect, test } from 'vitest'
import { startPostedServer } from '../../test/support/posted-server.ts'
import { slackSettings } from '../config/settings.ts'
import { slackAnswers } from './slack-answers.ts'

let status = 200
const hooks = await startPostedServer(() => ({ status, body: 'ok' }))
const elsewhere = await startPostedServer(() => ({ status: 200, body: '' }))
afterAll(() => {
  hooks.close()
  elsewhere.close()
})

const secret = '8f742231b10e8888abcd99yyyzzz85a5'
let logged: string[]
beforeEach(() => {
  status = 200
  logged = []
})

function answers() {
  const environment = { HOLDPOINT_SLACK_SIGNING_SECRET: secret, HOLDPOINT_SLACK_HOOKS: hooks.url }
  const made = slackAnswers(slackSettings(environment), (line) => logged.push(line))
  if (!made) throw new Error('no app of Slack')
  return made
}

test('the answer is for that user alone and leaves the card as it is', async () => {
  await answers().tell(`${hooks.url}/actions/T0/1/x`, 'Done as ana: signed.')
  expect(JSON.parse(hooks.posted.at(-1)?.body ?? '')).toEqual({
    response_type: 'ephemeral',
    replace_original: false,
    text: 'Done as ana: signed.',
  })
})

test('an address that is not of Slack is asked nothing', async () => {
  const { tell } = answers()
  for (const address of [`${elsewhere.url}/x`, `${hooks.url}.example.com/x`, hooks.url.replace('//', '//a@')])
    await tell(address, 'x')
  expect([elsewhere.posted.length, logged.length]).toEqual([0, 3])
})

test('an answer that does not arrive is said in the log and breaks nothing', async () => {
  status = 404
  await answers().tell(`${hooks.url}/used/up`, 'x')
  expect(logged).toEqual([expect.stringContaining('answered 404')])
})

test('settings by halves or without sense are refused when the server starts', () => {
  expect(slackSettings({})).toBeNull()
  expect(() => slackSettings({ HOLDPOINT_SLACK_SIGNING_SECRET: 'short' })).toThrow(/fewer than 16 characters/)
  const plain = { HOLDPOINT_SLACK_SIGNING_SECRET: secret, HOLDPOINT_SLACK_HOOKS: 'http://hooks.example.com' }
  expect(() => slackSettings(plain)).toThrow(/expected an https address/)
})
