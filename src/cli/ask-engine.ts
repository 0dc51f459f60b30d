/** One command of a person to the engine: sent, and its answer told in words or as JSON. */
import type { Client, Commanded, CommandOptions, WireCommand, WireRefusal } from '../api/client-types.ts'
import { exitOf, isCode } from '../api/wire/codes.ts'
import type { ReleaseView } from '../report/view.ts'
import type { Context } from './context.ts'
import { printJson } from './context.ts'
import { Refused } from './faults.ts'
import { paint } from './terminal/line.ts'
import { newsLine, newsOf } from './terminal/news.ts'
import { titlesOf } from './titles.ts'

export async function askEngine(
  context: Context,
  client: Client,
  view: ReleaseView,
  command: WireCommand,
  keyFile: string | null = null,
): Promise<0> {
  const options = keyFile === null ? {} : await signed(context, view, command, keyFile)
  const answer = await commandFreshly(context, client, view.release, command, options)
  if (answer.kind === 'refused') throw refusal(answer)
  if (context.json) {
    printJson(context, {
      release: view.release,
      accepted: true,
      version: answer.version,
      events: answer.events.map((event) => event.kind),
    })
    return 0
  }
  const titles = titlesOf(view)
  for (const event of answer.events) {
    const news = newsOf(event, titles)
    if (news.lasting) context.out(paint(newsLine(news), context.paper()))
  }
  if (answer.events.length === 0) context.out('nothing changed')
  return 0
}

/** A protected environment may ask for a fresh sign-in: then once more with it, where a person can be asked. */
export async function commandFreshly(
  context: Context,
  client: Client,
  release: string,
  command: WireCommand,
  options: CommandOptions = {},
): Promise<Commanded | WireRefusal> {
  const answer = await (renewed.get(context) ?? client).command(release, command, options)
  if (answer.kind !== 'refused' || answer.code !== 'sign-in-required') return answer
  const { signInAgain } = await import('./sign-in-again.ts')
  const fresh = await signInAgain(context, answer.reason)
  if (fresh === null) return answer
  renewed.set(context, fresh)
  return fresh.command(release, command, options)
}

/** Who signed in again while attending a release is asked once, not at every decision. */
const renewed = new WeakMap<Context, Client>()

/** Signs the command as it stands, for the release as it was shown. */
async function signed(
  context: Context,
  view: ReleaseView,
  command: WireCommand,
  keyFile: string,
): Promise<CommandOptions> {
  const { signDecision, SignatureFault } = await import('../api/ssh-signature.ts')
  const { signedDecisionOf } = await import('../api/wire/signed-decision.ts')
  const steps = view.phases.flatMap((phase) => phase.steps)
  const step = 'step' in command ? steps.find(({ id }) => id === command.step) : undefined
  const decision = signedDecisionOf(view.release, command, view.version, step?.word ?? null)
  if ('unsignable' in decision) throw new Refused(decision.unsignable, decision.code, exitOf(decision.code))
  try {
    const signature = await signDecision(decision, context.as ?? context.config.user, keyFile)
    return { seen: view.version, signature }
  } catch (fault) {
    if (fault instanceof SignatureFault) throw new Refused(fault.message, 'bad-signature', 1)
    throw fault
  }
}

export function refusal(answer: WireRefusal): Refused {
  const changed =
    answer.changed && answer.changed.length > 0
      ? `\nsince you looked:\n${answer.changed.map((line) => `  ${line}`).join('\n')}`
      : ''
  return new Refused(`${answer.reason}${changed}`, answer.code, isCode(answer.code) ? exitOf(answer.code) : 1)
}
