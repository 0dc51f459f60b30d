/** Starts a release: its target and its locks must be free, and nobody may stand in line before it. Or else it stands in line itself. */
import type { RosterReader } from '../core/ports/roster.ts'
import { VersionConflict } from '../core/ports/store.ts'
import type { Store, StreamId } from '../core/ports/store.ts'
import { decide } from '../core/release/decide.ts'
import type { Decision, Refusal } from '../core/release/commands.ts'
import type { Actor, Recorded } from '../core/release/events.ts'
import { fold } from '../core/release/evolve.ts'
import { isPractice } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import { nameOfStream, streamsToHold } from '../core/target/locks.ts'
import { environmentsActedOn, otherChecklist } from '../core/target/mandatory.ts'
import { emptyTarget, evolveTarget, targetStream } from '../core/target/target.ts'
import type { TargetEvent, TargetState } from '../core/target/target.ts'
import type { Instant } from '../core/units.ts'
import { engineActor } from './attendance.ts'
import { releaseStream } from './lane.ts'
import { type Course, courseThroughLocks, type Looked } from './lock-circle.ts'
import type { IdSource } from './options.ts'
import type { StartRequest } from './service.ts'
import { commitStart, keyStream } from './start-commit.ts'
import { standInLine, stoodInLine } from './start-line.ts'
import type { Queued } from './start-line.ts'
import { ownStreams } from './target-events.ts'
import type { Targets } from './targets.ts'

export interface Started {
  readonly kind: 'started'
  readonly release: string
  readonly superseded: string | null
  /** As it was begun just now; null = it had been started before. */
  readonly state: ReleaseState | null
}

export interface StartPorts {
  /** Of a service that keeps a roster; absent or undefined = none is asked. */
  readonly roster?: RosterReader | undefined
  readonly store: Store
  readonly targets: Targets
  readonly ids: IdSource
  readonly now: () => Instant
  /** Where people reach the server that shows its releases; absent or undefined = nowhere. */
  readonly address?: () => string | undefined
}

const hopelessConflicts = 100

/** Tries again whenever someone else wrote to the target or the holder in between. */
export async function startRelease(
  ports: StartPorts,
  request: StartRequest,
  actor: Actor,
): Promise<Started | Queued | Refusal> {
  for (let conflicts = 0; conflicts < hopelessConflicts; conflicts += 1) {
    // A start rests on the target as it was last seen: its append is refused when that is over. A rehearsal claims nothing, nor does a drill.
    const isCertain = conflicts > 0 || isPractice(request)
    try {
      const started = await tryToStart(ports, request, actor, isCertain)
      if (started.kind !== 'refused' || isCertain) return started
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error
    }
  }
  throw new Error(`bug: starting ${request.version} found a version conflict ${hopelessConflicts} times`)
}

async function tryToStart(
  ports: StartPorts,
  request: StartRequest,
  actor: Actor,
  isCertain: boolean,
): Promise<Started | Queued | Refusal> {
  const { store, targets, ids } = ports
  const now = ports.now()
  const known = await startedBefore(store, targets, request)
  if (known) return known
  const release = request.admitted ?? releaseIdOf(request, ids)
  const look = async (stream: StreamId): Promise<Looked> => {
    const target = await (isCertain ? targets.read(stream) : targets.recall(stream))
    return { stream, target, holder: await holderOf(store, target) }
  }
  const [own, ...shared] = await Promise.all(streamsOf(request).map(look))
  const places = isPractice(request) ? [] : [own!, ...shared]
  const course = await courseThroughLocks(
    request,
    places.map(({ stream }) => stream),
    look,
  )
  const other = isPractice(request) || request.project !== undefined ? null : await byAnother(request, look)
  if (other !== null) return other
  const hindrance = hindranceOf(request, places) ?? fromElsewhere(request, own!) ?? circling(course)
  const superseded = places.find(({ holder }) => holder !== null)?.holder ?? null
  const decision = decide(
    null,
    {
      ...commandOf(request),
      ...linkOf(ports.address?.(), release),
      release,
      previous: own!.target.serving ?? request.previous,
      superseded: superseded?.id ?? null,
    },
    { now, actor },
  )
  if (hindrance !== null) {
    // The holder may be this very start, sent twice: its key and its claim are one append, and the key was looked for before.
    const twice = await startedBefore(store, targets, request)
    if (twice || !request.queue || !mayStandInLine(decision)) return twice ?? orWorse(decision, hindrance, request)
    // Who waits rests on what is stored, not on what was seen last.
    if (!isCertain) return hindrance
    return standInLine(ports, request, { queue: request.queue, actor, now, release, ...own! })
  }
  if (decision.kind === 'refused') return decision
  const ending = superseded
    ? decide(
        superseded,
        { kind: 'Supersede', by: release },
        { now: Math.max(now, superseded.lastEventAt), actor: engineActor },
      )
    : null
  if (ending?.kind === 'refused') return ending
  const looked = new Set(places.map(({ stream }) => stream))
  const freed = superseded === null ? [] : ownStreams(superseded).filter((stream) => !looked.has(stream))
  const held = [...places, ...(await Promise.all(freed.map(look)))]
  request.onNamed?.(release)
  return commitStart(ports, now, request, actor, {
    release,
    held: held.map(({ stream, target }) => [stream, target] as const),
    fences: course.fences.filter(({ stream }) => held.every((each) => each.stream !== stream)),
    superseded,
    decision,
    ending,
  })
}

function commandOf(request: StartRequest) {
  const { plan, version, environment, inputs, workspace, artefact, rehearsal, project, andBack } = request
  const { plannedAt, lateWhy, override, hotfixOf } = request
  const of = {
    ...(project !== undefined && { project }),
    ...(plannedAt !== undefined && { plannedAt }),
    ...(lateWhy !== undefined && { lateWhy }),
    ...(override !== undefined && { override }),
    ...(hotfixOf !== undefined && { hotfixOf }),
    ...(andBack === true && { andBack }),
  }
  return { kind: 'StartRelease', plan, version, environment, inputs, workspace, artefact, rehearsal, ...of } as const
}

/** The page of the release: its address stays, so messages can lead to it. */
function linkOf(server: string | undefined, release: string): { readonly link?: string } {
  return server === undefined ? {} : { link: `${server.replace(/\/$/, '')}/releases/${encodeURIComponent(release)}` }
}

function streamsOf({ plan, environment, project }: StartRequest): readonly [StreamId, ...StreamId[]] {
  return streamsToHold(plan, environment, project ?? null)
}

/** Windows are asked when its turn comes; what is wrong with the start itself is said at once. */
function mayStandInLine(decision: Decision): boolean {
  return decision.kind === 'accepted' || decision.code === 'outside-window'
}

function orWorse(decision: Decision, hindrance: Refusal, { queue }: StartRequest): Refusal {
  return queue && decision.kind === 'refused' ? decision : hindrance
}

/** On a server the registered checklists say it; what is released here alone has nothing but what was released before. */
async function byAnother(
  { plan, environment }: StartRequest,
  look: (stream: StreamId) => Promise<Looked>,
): Promise<Refusal | null> {
  for (const place of environmentsActedOn(plan, environment)) {
    const { target } = await look(targetStream(plan.service, place))
    const reason = otherChecklist(plan, place, target.mandatory)
    if (reason !== null) return { kind: 'refused', code: 'other-checklist', reason }
  }
  return null
}

/** Why it cannot start now; null = everything it needs is free, or held by the one release that it supersedes. */
function hindranceOf(request: StartRequest, places: readonly Looked[]): Refusal | null {
  const [own] = places
  const first = own?.target.line[0]
  for (const place of places) {
    if (place.holder !== null && !(request.supersede && isSupersedable(place, own!.stream)))
      return busy(place, place.holder)
  }
  if (own && first !== undefined && first.release !== request.admitted) return behind(own, request)
  return null
}

/** A rehearsal begins from the version that it goes back to. */
function fromElsewhere({ andBack, previous }: StartRequest, { stream, target: { serving } }: Looked): Refusal | null {
  if (andBack !== true || serving === null || previous === null || serving === previous) return null
  return {
    kind: 'refused',
    code: 'wrong-target',
    reason: `${nameOfStream(stream)} serves ${serving}, not ${previous}: release ${previous} there first, or rehearse from ${serving}.`,
  }
}

function circling({ circle }: Course): Refusal | null {
  return circle === null ? null : { kind: 'refused', code: 'target-busy', reason: circle }
}

/** Only a release of the same target, whose traffic has all moved; one on its way must end first. */
function isSupersedable({ target, holder }: Looked, own: StreamId): boolean {
  return holder !== null && target.holder?.phase == null && isWatching(holder) && ownStreams(holder)[0] === own
}

export function isWatching(holder: ReleaseState): boolean {
  return holder.phase === 'validating' || holder.phase === 'signed-off'
}

export async function holderOf(store: Store, { holder }: TargetState): Promise<ReleaseState | null> {
  const state = holder && (await readRelease(store, holder.release))
  return state && state.endedAt === null ? state : null
}

function busy({ stream, target }: Looked, holder: ReleaseState): Refusal {
  const isOwn = ownStreams(holder)[0] === stream
  const hint = isOwn && isWatching(holder) ? ' Start with --supersede to end its watch.' : ' It has to end first.'
  const phase = target.holder?.phase == null ? '' : ` for "${target.holder.phase}"`
  return {
    kind: 'refused',
    code: 'target-busy',
    reason: `${nameOfStream(stream)} is held by ${holder.id} (${target.holder?.version})${phase}, which is ${holder.phase}.${hint} To wait for it, stand in line: --queue`,
  }
}

function behind({ stream, target: { line } }: Looked, { version }: StartRequest): Refusal {
  const who = line.length === 1 ? `${line[0]?.release} stands` : `${line.length} starts stand`
  return {
    kind: 'refused',
    code: 'target-busy',
    reason: `${who} in line for ${nameOfStream(stream)}; ${version} does not go before. Stand in line behind: --queue`,
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

async function startedBefore(
  store: Store,
  targets: Targets,
  request: StartRequest,
): Promise<Started | Queued | Refusal | null> {
  if (request.idempotencyKey === null) return null
  const [use] = (await store.read(keyStream(request.idempotencyKey))) as readonly Recorded<{ release: string }>[]
  if (!use) return null
  const known = await readRelease(store, use.event.release)
  if (known) return sameAgain(known, request)
  return stoodInLine(use.event.release, request, await targets.read(streamsOf(request)[0]))
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
