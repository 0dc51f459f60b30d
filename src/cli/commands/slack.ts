/** `slack`: which user of Slack one is; buttons that this user presses decide in one's name. */
import type { SlackLinkAnswer, SlackUserAnswer } from '../../api/wire/slack-answers.ts'
import { dateWords } from '../../report/words.ts'
import { change } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { Refused, UsageFault } from '../faults.ts'
import { visible } from '../terminal/text.ts'
import { flag } from '../values.ts'

const LINKS = '/v1/slack/links'

export const link: Run = async (context, [code = ''], options) => {
  const client = await context.client()
  const { name, user, team } = await client.ask<SlackUserAnswer>('POST', LINKS, { code })
  const who = visible(`${name} (${user} of ${team})`)
  if (!flag(options, 'yes')) {
    if (!context.interactive)
      throw new Refused(`this code is of ${who} in Slack; say --yes if that is you`, 'not-confirmed', 1)
    const { confirm } = await import('../ask-line.ts')
    const question = `Are you ${who} in Slack? What this user presses there is decided in your name.`
    await confirm(question, { say: 'not linked', code: 'not-confirmed' })
  }
  return change(context, LINKS, { code, confirm: true }, () => [`${who} in Slack is you now`])
}

export const list: Run = async (context) => {
  const client = await context.client()
  const links = await client.ask<readonly SlackLinkAnswer[]>('GET', LINKS)
  if (context.json) printJson(context, links)
  else if (links.length === 0)
    context.err(
      'no user of Slack is you yet: press a button on a card there, it shows a code for `holdpoint slack link`',
    )
  else
    for (const { team, user, name, at } of links)
      context.out(visible(`${team}/${user}  ${name}, since ${dateWords(at)}`))
  return 0
}

export const unlink: Run = (context, [given = '']) => {
  const [, team, user] = /^([^/]+)\/([^/]+)$/.exec(given) ?? []
  if (team === undefined || user === undefined)
    throw new UsageFault(`"${given}" is no user of Slack; for example: holdpoint slack unlink T0ACME/U0ANA`)
  return change(context, `${LINKS}/remove`, { team, user }, () => [`${given} in Slack is you no more`])
}
