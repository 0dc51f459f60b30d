/** Sends messages through the plan's channels; `console` always exists. A message that could not be sent is said, never lost. */
import type { ChannelPlan } from '../core/plan/plan.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { EffectContext, Messenger } from '../core/ports/engine.ts'
import {
  type ChannelFacts,
  type Delivered,
  type Message,
  type NotifierDefinition,
  NotifyFault,
  type NotifyPowers,
} from '../core/ports/notify.ts'
import type { Millis } from '../core/units.ts'
import type { ReleaseCard } from '../core/ports/card.ts'
import { variablesOf } from '../core/release/values.ts'
import type { Outbound } from './outbound.ts'
import { allowanceOf, fillSettings } from './powers.ts'
import { sentence } from './recorded.ts'
import type { SecretVault } from './secret-vault.ts'

export interface MessengerDeps {
  readonly notifiers: ReadonlyMap<string, NotifierDefinition<never>> | readonly NotifierDefinition<never>[]
  readonly clock: Clock
  readonly outbound: Outbound
  readonly vault: SecretVault
  /** Lines for attached terminals and the engine's own log. */
  readonly console: (line: string) => void
  /** Where people reach the server; absent or undefined = nowhere. */
  readonly address?: () => string | undefined
}

interface Delivery {
  readonly ok: boolean
  readonly final: boolean
  readonly say: string
  readonly keep?: ChannelFacts
  readonly afterMs?: Millis
}

const patienceMs = 15_000
const builtIn: Readonly<Record<string, ChannelPlan>> = {
  console: { kind: 'console', config: {} },
  status: { kind: 'status', config: {} },
}

export function createMessenger(deps: MessengerDeps): Messenger {
  return {
    send: async (message, channel, context) => {
      const redaction = deps.vault.redactor(context.state.plan)
      const delivery = await deliver(message, channel, context, deps).catch(failureOf)
      return { ...delivery, say: sentence(redaction.text(delivery.say)) }
    },
  }
}

async function deliver(
  message: Message,
  channel: string,
  context: EffectContext,
  deps: MessengerDeps,
): Promise<Delivery> {
  const { state } = context
  const opened = openChannel(channel, context, deps)
  if ('refused' in opened) return refusal(opened.refused)
  const { notifier, config } = opened
  const redaction = deps.vault.redactor(state.plan)
  const clean = {
    ...message,
    subject: redaction.text(message.subject),
    body: redaction.text(message.body),
    ...(message.card ? { card: cleanCard(message.card, (text) => redaction.text(text)) } : {}),
    ...pageOf(message.release, deps),
  }
  const rendered = notifier.render(clean, config)
  const sent = await within(deps, context, notifier.addresses ?? [], (powers) =>
    notifier.send(rendered, clean, config, powers),
  )
  return { ok: true, final: true, ...(typeof sent === 'string' ? { say: sent } : sent) }
}

type Opened = { readonly notifier: NotifierDefinition<never>; readonly config: never } | { readonly refused: string }

function openChannel(channel: string, context: EffectContext, deps: MessengerDeps): Opened {
  const plan = channelOf(channel, context)
  if (!plan) return { refused: `there is no channel ${channel}` }
  const notifier = notifierOf(plan.kind, deps.notifiers)
  if (!notifier) return { refused: `there is no kind of channel ${plan.kind} in this engine` }
  const { state } = context
  const config = notifier.config.safeParse(fillSettings(plan.config, variablesOf(state), state.plan, deps.vault))
  return config.success
    ? { notifier, config: config.data }
    : { refused: `channel ${channel}: ${config.error.issues[0]?.message ?? 'its settings are not accepted'}` }
}

/** Whether the channel would take a message; sends none. null = its kind has no question to ask. */
export async function askChannel(
  channel: string,
  context: EffectContext,
  deps: MessengerDeps,
): Promise<{ readonly ok: boolean; readonly say: string } | null> {
  const opened = openChannel(channel, context, deps)
  if ('refused' in opened) return { ok: false, say: opened.refused }
  const { notifier, config } = opened
  if (!notifier.ask) return null
  const redaction = deps.vault.redactor(context.state.plan)
  const ask = notifier.ask.bind(notifier)
  const answer = await within(deps, context, notifier.addresses ?? [], (powers) => ask(config, powers)).then(
    (say) => ({ ok: true, say: typeof say === 'string' ? say : say.say }),
    failureOf,
  )
  return { ok: answer.ok, say: sentence(redaction.text(answer.say)) }
}

/** Reasons and verdicts may quote what a command or a person wrote. */
function cleanCard(card: ReleaseCard, clean: (text: string) => string): ReleaseCard {
  const asks = card.asks.map((ask) => ({ ...ask, text: clean(ask.text) }))
  const causes = card.causes.map((cause) => ({ ...cause, say: clean(cause.say) }))
  return { ...card, now: clean(card.now), verdict: clean(card.verdict), asks, causes }
}

function pageOf(release: string, { address }: MessengerDeps): Pick<Message, 'page'> {
  const server = address?.()
  return server === undefined ? {} : { page: `${server.replace(/\/$/, '')}/releases/${encodeURIComponent(release)}` }
}

/** Gives up after a while: a channel that hangs must not keep the others waiting. */
async function within(
  deps: MessengerDeps,
  context: EffectContext,
  addresses: readonly string[],
  send: (powers: NotifyPowers) => Promise<string | Delivered>,
): Promise<string | Delivered> {
  const end = new AbortController()
  const allowance = allowanceOf(context.state, deps.vault, addresses)
  const powers: NotifyPowers = {
    signal: AbortSignal.any([context.signal, end.signal]),
    clock: deps.clock,
    root: context.state.workspace.root,
    http: deps.outbound.for(allowance),
    place: async (url) => deps.outbound.place(url, allowance),
    console: deps.console,
  }
  const sending = send(powers)
  try {
    const sent = await Promise.race([sending, deps.clock.sleep(patienceMs, powers.signal).then(() => null)])
    if (sent !== null) return sent
    throw new NotifyFault(`no answer within ${patienceMs / 1_000} s`, { retryable: true })
  } finally {
    end.abort()
    // Its own failure after that is of no interest any more, and must not end the process.
    sending.catch(() => {})
  }
}

function channelOf(name: string, { state }: EffectContext): ChannelPlan | undefined {
  if (Object.hasOwn(state.plan.channels, name)) return state.plan.channels[name]
  return Object.hasOwn(builtIn, name) ? builtIn[name] : undefined
}

function notifierOf(kind: string, notifiers: MessengerDeps['notifiers']): NotifierDefinition<never> | undefined {
  return 'get' in notifiers ? notifiers.get(kind) : notifiers.find((notifier) => notifier.kind === kind)
}

/** A wrong plan stays wrong: trying again cannot help. */
function refusal(say: string): Delivery {
  return { ok: false, final: true, say }
}

function failureOf(error: unknown): Delivery {
  const final = error instanceof NotifyFault && !error.retryable
  const { keep, afterMs } = error instanceof NotifyFault ? error : {}
  const kept = { ...(keep === undefined ? {} : { keep }), ...(afterMs === undefined ? {} : { afterMs }) }
  return { ok: false, final, say: error instanceof Error ? error.message : String(error), ...kept }
}
