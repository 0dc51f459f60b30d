/** Starts a release: its target must be free, and its stream, the target's and the superseded release's begin or end together. */
import { VersionConflict } from '../core/ports/store.ts'
import type { NewEvents, Store, StoredEvent } from '../core/ports/store.ts'
import { sha256Hex } from '../core/log/canonical.ts'
import { decide } from '../core/release/decide.ts'
import type { Accepted, Refusal } from '../core/release/commands.ts'
import type { Actor, Recorded, ReleaseEvent } from '../core/release/events.ts'
import { evolve, fold } from '../core/release/evolve.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { emptyTarget, evolveTarget, targetStream } from '../core/target/target.ts'
import type { TargetEvent, TargetState } from '../core/target/target.ts'
import type { Instant } from '../core/units.ts'
import { engineActor } from './attendance.ts'
import { nextLook, owedBy, releaseStream } from './lane.ts'
import type { IdSource } from './options.ts'
import type { StartRequest } from './service.ts'
import { summaryOf } from './summary.ts'
import { targetEventsOf } from './target-events.ts'
import type { Targets } from './targets.ts'

export interface Started {
  readonly kind: 'started'
  readonly release: string
  readonly superseded: string | null
  /** As it was begun just now; null = it had been started before. */
  readonly state: ReleaseState | null
}

export interface StartPorts {
  readonly store: Store
  readonly targets: Targets
  readonly ids: IdSource
  readonly now: () => Instant
}

const hopelessConflicts = 100

/** Tries again whenever someone else wrote to the target or the holder in between. */
export async function startRelease(ports: StartPorts, request: StartRequest, actor: Actor): Promise<Started | Refusal> {
  for (let conflicts = 0; conflicts < hopelessConflicts; conflicts += 1) {
    // A start rests on the target as it was last seen: its append is refused when that is over. A rehearsal claims nothing.
    const isCertain = conflicts > 0 || request.rehearsal
    try {
      const started = await tryToStart(ports, request, actor, isCertain)
      if (started.kind === 'started' || isCertain) return started
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error
    }
  }
  throw new Error(`bug: starting ${request.version} found a version conflict ${hopelessConflicts} times`)
}

async function tryToStart(
  { store, targets, ids, now: clock }: StartPorts,
  request: StartRequest,
  actor: Actor,
  isCertain: boolean,
): Promise<Started | Refusal> {
  const now = clock()
  const known = await startedBefore(store, request)
  if (known) return known
  const release = releaseIdOf(request, ids)
  const { service } = request.plan
  const { environment } = request
  const target = await (isCertain ? targets.read(service, environment) : targets.recall(service, environment))
  const holder = target.holder && !request.rehearsal ? await readRelease(store, target.holder.release) : null
  if (holder && holder.endedAt === null && !(request.supersede && isWatching(holder)))
    // The holder may be this very start, sent twice: its key and its claim are one append, and the key was looked for before.
    return (await startedBefore(store, request)) ?? busy(holder, target, request)
  const superseded = holder && holder.endedAt === null ? holder : null
  const decision = decide(
    null,
    {
      ...commandOf(request),
      release,
      previous: target.serving ?? request.previous,
      superseded: superseded?.id ?? null,
    },
    { now, actor },
  )
  if (decision.kind === 'refused') return decision
  const ending = superseded
    ? decide(
        superseded,
        { kind: 'Supersede', by: release },
        { now: Math.max(now, superseded.lastEventAt), actor: engineActor },
      )
    : null
  if (ending?.kind === 'refused') return ending
  request.onNamed?.(release)
  return commit({ store, targets }, now, request, actor, { release, target, superseded, decision, ending })
}

function commandOf(request: StartRequest) {
  const { plan, version, environment, inputs, workspace, artefact, rehearsal, project } = request
  const of = project === undefined ? {} : { project }
  return { kind: 'StartRelease', plan, version, environment, inputs, workspace, artefact, rehearsal, ...of } as const
}

interface Beginning {
  readonly release: string
  readonly target: TargetState
  readonly superseded: ReleaseState | null
  readonly decision: Accepted
  readonly ending: Accepted | null
}

async function commit(
  { store, targets }: Pick<StartPorts, 'store' | 'targets'>,
  now: Instant,
  request: StartRequest,
  actor: Actor,
  beginning: Beginning,
): Promise<Started> {
  const { release, target, superseded, decision, ending } = beginning
  const state = fold(
    decision.events.map((event, index): Recorded => ({ version: index + 1, at: now, by: actor, event })),
  )
  if (!state) throw new Error('bug: a started release has no state')
  const own: NewEvents = {
    stream: releaseStream(release),
    expectedVersion: 0,
    events: decision.events.map((event) => ({ at: now, by: actor, event })),
    due: nextLook(state, owedBy(state, now)),
  }
  const end = superseded && ending ? endOf(superseded, ending, now) : null
  const claim = request.rehearsal ? [] : [targetClaim(request, state, decision.events, target, superseded, actor, now)]
  const key = request.idempotencyKey === null ? [] : [keyUse(request.idempotencyKey, release, actor, now)]
  const stored = await store.append(
    { streams: [own, ...key, ...(end ? [end.events] : []), ...claim] },
    summaryOf(state),
  )
  claim.forEach((each) => targets.appended(each))
  // One append keeps one summary. The ended release's own follows; should it be lost, whoever claims that release next writes it.
  if (end) {
    const { stream, due } = end.events
    await store
      .append(
        { streams: [{ stream, expectedVersion: end.state.version, events: [], due: due ?? null }] },
        summaryOf(end.state),
      )
      .catch(() => {})
  }
  return { kind: 'started', release, superseded: superseded?.id ?? null, state: asRead(stored, own) }
}

/** From what is stored, as everybody else reads it. */
function asRead(stored: readonly StoredEvent[], { stream }: NewEvents): ReleaseState | null {
  return fold(stored.filter((event) => event.stream === stream) as readonly StoredEvent<ReleaseEvent>[])
}

function endOf(
  superseded: ReleaseState,
  { events }: Accepted,
  now: Instant,
): { events: NewEvents; state: ReleaseState } {
  const at = Math.max(now, superseded.lastEventAt)
  const state = events.reduce<ReleaseState>(
    (each, event, index) => evolve(each, { version: superseded.version + 1 + index, at, by: engineActor, event }),
    superseded,
  )
  const due = nextLook(state, owedBy(state, at))
  return {
    state,
    events: {
      stream: releaseStream(superseded.id),
      expectedVersion: superseded.version,
      events: events.map((event) => ({ at, by: engineActor, event })),
      due,
    },
  }
}

function targetClaim(
  request: StartRequest,
  state: ReleaseState,
  started: readonly ReleaseEvent[],
  target: TargetState,
  superseded: ReleaseState | null,
  by: Actor,
  at: Instant,
): NewEvents {
  const release = state.id
  // A release whose every step does not apply ends as it begins.
  const events: TargetEvent[] = [
    { kind: 'TargetClaimed', release, version: request.version },
    ...targetEventsOf(null, state, started),
  ]
  if (superseded)
    events.unshift({
      kind: 'TargetReleased',
      release: superseded.id,
      serving: superseded.releaseVersion,
      why: `superseded by ${release}`,
    })
  return {
    stream: targetStream(request.plan.service, request.environment),
    expectedVersion: target.version,
    events: events.map((event) => ({ at, by, event })),
  }
}

/** Only a release whose traffic has all moved may be superseded; one on its way must end first. */
export function isWatching(holder: ReleaseState): boolean {
  return holder.phase === 'validating' || holder.phase === 'signed-off'
}

function busy(holder: ReleaseState, target: TargetState, request: StartRequest): Refusal {
  const hint = isWatching(holder) ? ' Start with --supersede to end its watch.' : ' It has to end first.'
  return {
    kind: 'refused',
    code: 'target-busy',
    reason: `${request.plan.service} in ${request.environment} is held by ${holder.id} (${target.holder?.version}), which is ${holder.phase}.${hint}`,
  }
}

function sameAgain(known: ReleaseState, request: StartRequest): Started | Refusal {
  if (
    known.plan.digest === request.plan.digest &&
    known.releaseVersion === request.version &&
    known.environment === request.environment
  ) {
    request.onNamed?.(known.id)
    return { kind: 'started', release: known.id, superseded: null, state: null }
  }
  return {
    kind: 'refused',
    code: 'already-started',
    reason: `This idempotency key started ${known.id} with another plan, version or environment.`,
  }
}

/** A stream per idempotency key, written with the start itself: two starts with one key cannot both succeed. */
function keyStream(key: string): string {
  return `key/${sha256Hex(key)}`
}

function keyUse(key: string, release: string, by: Actor, at: Instant): NewEvents {
  return { stream: keyStream(key), expectedVersion: 0, events: [{ at, by, event: { kind: 'KeyUsed', release } }] }
}

async function startedBefore(store: Store, request: StartRequest): Promise<Started | Refusal | null> {
  if (request.idempotencyKey === null) return null
  const [use] = (await store.read(keyStream(request.idempotencyKey))) as readonly Recorded<{ release: string }>[]
  const known = use ? await readRelease(store, use.event.release) : null
  return known && sameAgain(known, request)
}

/** Short and readable, such as `checkout-1.2.3-k7f2`. */
function releaseIdOf({ plan, version }: StartRequest, ids: IdSource): string {
  return `${readable(plan.service)}-${readable(version)}-${ids.suffix()}`
}

function readable(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return plain.slice(0, 40) || 'release'
}

async function readRelease(store: Store, release: string): Promise<ReleaseState | null> {
  return fold((await store.read(releaseStream(release))) as readonly Recorded[])
}

/** Who holds a service in an environment, and what was seen serving there. */
export async function readTarget(
  store: Pick<Store, 'read'>,
  { plan, environment }: Pick<StartRequest, 'plan' | 'environment'>,
): Promise<TargetState> {
  const events = (await store.read(targetStream(plan.service, environment))) as readonly Recorded<TargetEvent>[]
  return events.reduce(evolveTarget, emptyTarget)
}
