/** The messages that news lead to. Communication is state: a message is queued by the same append as what it tells. */
import { evaluateCondition } from '../plan/expression.ts'
import type { MessagePlan, MessageRoute } from '../plan/plan.ts'
import type { Escape } from '../plan/template.ts'
import type { Instant } from '../units.ts'
import { dueSteps } from './consequences-time.ts'
import { isStorm } from './digest.ts'
import type { EventOf, ReleaseEvent } from './events.ts'
import { fillMessage } from './message-text.ts'
import { messageScope, onCallWhenSent } from './message-values.ts'
import { followers, movesEntry } from './kept.ts'
import { alwaysTold, type News, newsOf } from './news.ts'
import { isEnded } from './standing.ts'
import type { ReleaseState } from './state.ts'
import { bindingsOf } from './values.ts'

type Queued = EventOf<'MessageQueued'>

/** Messages for one event that was just recorded as `version`; `state` already includes it. */
export function messagesFor(state: ReleaseState, event: ReleaseEvent, version: number): readonly Queued[] {
  return [
    ...newsOf(state, event).flatMap((news) => toldOf(state, event, news, version)),
    ...decided(state, event, version),
  ]
}

/** What is decided or done leaves the cards and ends the alerts that were about it, though it is news to nobody. */
function decided(state: ReleaseState, event: ReleaseEvent, version: number): readonly Queued[] {
  const isDecided =
    event.kind === 'ApprovalGiven' ||
    (event.kind === 'StepClosed' && (event.how === 'answered' || event.how === 'approved'))
  if (!isDecided && event.kind !== 'StepClosed') return []
  const news = isDecided
    ? { topic: 'step.decided', say: 'Somebody decided' }
    : { topic: 'step.closed', say: 'A step is done' }
  return followers(state, news.topic, []).map((channel) => ({ ...builtIn(channel, news, version), quiet: true }))
}

function toldOf(state: ReleaseState, event: ReleaseEvent, news: News, version: number): readonly Queued[] {
  const told = state.plan.messages.filter((message) => message.on === news.topic && isAbout(state, message, event))
  const always = alwaysTold.includes(news.topic) ? [builtIn('console', news, version)] : []
  const sent = told.flatMap((message) => queuedFor(state, message, news.say, version, state.lastEventAt))
  // A draft may wait for long: what a channel shows is brought up to date without it.
  const reached = [{ to: sent.flatMap(({ channel, draft }) => (draft ? [] : [channel])) }]
  const quiet = followers(state, news.topic, reached).map((channel) => ({
    ...builtIn(channel, news, version),
    quiet: true as const,
  }))
  // Who is told about an incident stands with its severity, and not in a message of the checklist.
  const named = event.kind === 'IncidentDeclared' ? event.tell : []
  return [...always, ...named.map((channel) => builtIn(channel, news, version, 'incident')), ...sent, ...quiet]
}

/** A message about the opening of one phase tells of no other. */
function isAbout({ plan }: ReleaseState, { phase }: MessagePlan, event: ReleaseEvent): boolean {
  if (phase === undefined || event.kind !== 'PhaseOpened') return true
  return plan.phases.some(({ id, title }) => id === event.phase && title === phase)
}

/** Told without a word of the checklist. */
function builtIn(
  channel: string,
  { topic, say }: { readonly topic: string; readonly say: string },
  version: number,
  by = 'builtin',
): Queued {
  return {
    kind: 'MessageQueued',
    message: `${by}/${channel}/${version}/${topic}`,
    notify: by,
    channel,
    subject: say,
    body: say,
    on: topic,
  }
}

/** One for each channel whose own condition, and the message's, hold. `mayAsk` = whoever sends it fills in who is on call. */
export function queuedFor(
  state: ReleaseState,
  message: MessagePlan,
  say: string,
  version: number,
  now: Instant,
  mayAsk = true,
): readonly Queued[] {
  const bindings = bindingsOf(state)
  const isWanted = (when: string | null): boolean => {
    if (when === null) return true
    const answer = evaluateCondition(when, bindings)
    // A condition that cannot be decided sends: a message too many is better than a silence.
    return answer.kind === 'inconclusive' || answer.value
  }
  if (!isWanted(message.when)) return []
  const routes = routesOf(message).filter((route) => isWanted(route.when))
  const isAsked = mayAsk && state.plan.roster?.asked !== undefined
  const scope = messageScope(state, say, now, isAsked)
  return message.to.flatMap((channel): readonly Queued[] => {
    const route = routes.find((each) => each.channel === channel)
    if (!route) return []
    const { text, missing } = fillMessage(message.body, scope, escapeIn(state, channel))
    const draft = draftOf(message, missing)
    const isCalm = message.required !== true && draft === null && !isUrgent(state, channel, message.on)
    return [
      {
        kind: 'MessageQueued',
        message: `${message.id}/${channel}/${version}/${message.on}`,
        notify: message.id,
        channel,
        subject: say,
        body: text.trim() === '' ? say : text,
        on: message.on,
        ...(message.status === undefined ? {} : { status: message.status }),
        ...(message.required === true && { required: true as const }),
        ...(draft !== null && { draft }),
        ...(missing.length > 0 && { missing }),
        ...(isAsked && text.includes(onCallWhenSent) && { asksOnCall: true as const }),
        ...(route.audience !== null && { audience: route.audience }),
        ...(isCalm && isStorm(state, channel, now) && { gathered: true as const }),
      },
    ]
  })
}

export function routesOf(message: MessagePlan): readonly MessageRoute[] {
  return message.routes ?? message.to.map((channel) => ({ channel, audience: null, when: null }))
}

/** A required message that says "not known" somewhere is for a person to look at. */
function draftOf(message: MessagePlan, missing: readonly string[]): NonNullable<Queued['draft']> | null {
  if (message.preview) return { role: message.preview.role, why: 'preview' }
  return message.required === true && missing.length > 0 ? { role: null, why: 'missing' } : null
}

/** Never put off: whoever waits for these waits to act. */
function isUrgent(state: ReleaseState, channel: string, on: string): boolean {
  if (movesEntry(state, channel)) return true
  return on.startsWith('rollback.') || on === 'trigger.fired' || on === 'decision.asked'
}

/** Chats read the text as Markdown; what a value brings along is no markup of the author's. */
const formatted: ReadonlySet<string> = new Set(['slack', 'teams'])

export function escapeIn(state: ReleaseState, channel: string): Escape {
  return formatted.has(state.plan.channels[channel]?.kind ?? '') ? 'markdown' : 'none'
}

/** Messages that repeat while what they tell still stands: the release runs, its rollout soaks, it is held or rolls back. */
export function repeatsOf(state: ReleaseState): readonly { at: Instant; message: MessagePlan }[] {
  if (isEnded(state)) return []
  return state.plan.messages.flatMap((message) => {
    if (message.everyMs === null || !stillStands(state, message.on)) return []
    const last = [...state.messages.values()].findLast((each) => each.notify === message.id)
    // While a person has the last one before them, another would only bury it.
    return last && last.status !== 'draft' ? [{ at: last.queuedAt + message.everyMs, message }] : []
  })
}

function stillStands(state: ReleaseState, on: string): boolean {
  const soaking = [...state.rollouts.values()].some((rollout) => rollout.stage >= 0 && rollout.doing !== 'done')
  if (on === 'release.started') return state.phase === 'running'
  if (on === 'rollout.started' || on === 'stage.entered') return state.phase === 'running' && soaking
  if (on === 'step.overdue') return dueSteps(state).some(({ step }) => state.time.overdue.has(step.id))
  if (on === 'release.held') return state.hold !== null
  if (on === 'decision.asked') return state.asked !== null
  if (on === 'rollback.started') return state.phase === 'rolling-back'
  return on === 'release.validating' && state.phase === 'validating'
}

export function repeatsDue(state: ReleaseState, now: Instant): readonly ReleaseEvent[] {
  return repeatsOf(state)
    .filter((repeat) => repeat.at <= now)
    .flatMap(({ message }) => queuedFor(state, message, `Still: ${message.on}`, state.version + 1, now))
}
