/** Targets and locks as every surface shows them, gathered from the releases that are known and the lines that stand. */
import { rolesWith } from '../core/access/rights.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { StreamId } from '../core/ports/store.ts'
import { nameOfStream, placeOfStream, streamsToHold } from '../core/target/locks.ts'
import { targetStream, type QueuedStart, type TargetState } from '../core/target/target.ts'
import { isWatching } from '../engine/start.ts'
import { viewOf } from '../report/view.ts'
import type { ApiDeps } from './deps.ts'
import type { TargetView } from './wire/target-shapes.ts'

type Deps = Pick<ApiDeps, 'engine' | 'store' | 'clock'>

/** So many releases are looked through for where anything ever went. */
const MOST_LISTED = 2_000
const PAGE = 1_000

export interface KnownStream {
  readonly stream: StreamId
  readonly service: string | null
  readonly environment: string | null
  /** Of a lock: the project whose services share it; null = local releases, and of a target. */
  readonly project: string | null
}

/** Every target that a release went to, everything that open releases hold or wait for, and every target with a line. */
export async function knownStreams(
  deps: Deps,
  services: readonly string[] | null,
): Promise<ReadonlyMap<StreamId, KnownStream>> {
  const known = new Map<StreamId, KnownStream>()
  const add = (service: string, environment: string) =>
    known.set(targetStream(service, environment), {
      stream: targetStream(service, environment),
      service,
      environment,
      project: null,
    })
  const visible = services === null ? {} : { services }
  const [open, latest] = await Promise.all([
    deps.store.summaries({ open: true, ...visible }),
    deps.store.summaries({ limit: MOST_LISTED, ...visible }),
  ])
  for (const { service, environment } of [...open, ...latest]) add(service, environment)
  for (const { id } of open) {
    const state = await deps.engine.state(id)
    for (const each of state ? streamsOfRelease(state) : []) known.set(each.stream, each)
  }
  for (const each of await targetsWithLine(deps))
    if (!known.has(each.stream) && (services === null || services.includes(each.service ?? '')))
      known.set(each.stream, each)
  return known
}

function streamsOfRelease(state: ReleaseState): readonly KnownStream[] {
  const { plan, environment, project } = state
  const environments = new Set([environment, ...plan.phases.flatMap((phase) => phase.environment ?? [])])
  return [...environments].flatMap((each) => {
    const [target, ...locks] = streamsToHold(plan, each, project)
    return [
      { stream: target, service: plan.service, environment: each, project: null },
      ...locks.map((stream) => ({ stream, service: null, environment: null, project })),
    ]
  })
}

/** Targets for which somebody waits. */
export async function targetsWithLine(deps: Pick<Deps, 'store'>): Promise<readonly KnownStream[]> {
  return (await streamsWithLine(deps)).map((stream) => {
    return { stream, ...placeOfStream(stream), project: null }
  })
}

/** A target's stream wants attention as long as somebody stands in line. */
async function streamsWithLine({ store }: Pick<Deps, 'store'>): Promise<readonly StreamId[]> {
  const found: StreamId[] = []
  let after: StreamId | null = null
  for (;;) {
    const page: readonly { readonly stream: StreamId }[] = await store.dueTimes(after, PAGE)
    found.push(...page.map(({ stream }) => stream).filter((stream) => stream.startsWith('target/')))
    if (page.length < PAGE) return found
    after = page.at(-1)?.stream ?? null
  }
}

/** The target in whose line this start stands, and the start; null = it stands in none. */
export async function findInLine(
  deps: Deps,
  release: string,
): Promise<{ readonly stream: StreamId; readonly start: QueuedStart } | null> {
  for (const stream of await streamsWithLine(deps)) {
    const start = (await deps.engine.target(stream)).line.find((each) => each.release === release)
    if (start) return { stream, start }
  }
  return null
}

export async function targetViewOf(deps: Deps, known: KnownStream): Promise<TargetView> {
  const { stream, service, environment } = known
  const target = await deps.engine.target(stream)
  const state = target.holder === null ? null : await deps.engine.state(target.holder.release)
  const holder = state === null || state.endedAt !== null ? null : state
  return {
    name: nameOfStream(stream),
    kind: service === null ? 'lock' : 'target',
    service,
    environment,
    serving: target.serving,
    holder: holder && holderView(deps, target, holder),
    line: target.line.map((start, index) => ({
      release: start.release,
      version: start.version,
      by: start.by.id,
      since: start.since,
      until: start.until,
      supersede: start.supersede,
      say: placeInLine(target, index, holder),
    })),
    withdrawn: target.withdrawn.toReversed(),
  }
}

function holderView({ engine, clock }: Deps, target: TargetState, holder: ReleaseState): TargetView['holder'] {
  const { bar } = viewOf(holder, engine.live(holder.id), clock.now())
  return {
    release: holder.id,
    service: holder.plan.service,
    environment: holder.environment,
    version: holder.releaseVersion,
    since: target.holder?.since ?? holder.startedAt,
    startedBy: holder.startedBy.id,
    phase: target.holder?.phase ?? null,
    state: holder.phase,
    now: bar.now,
    who: bar.who,
    supersedable: target.holder?.phase == null && isWatching(holder),
    ends: endsOf(holder, target.holder?.phase ?? null),
  }
}

/** One action at a time: nobody takes a target from a release that lives, but several may end that release. */
function endsOf(holder: ReleaseState, phase: string | null): string {
  const who = `whoever has the role ${rolesWith('release.stop').join(', ')} there`
  const abort = `holdpoint release abort ${holder.id} takes it back and lets go of this (${who})`
  if (phase !== null) return `It lets go when "${phase}" closes, or with the release itself: ${abort}.`
  if (isWatching(holder))
    return `It lets go when its watch ends; a start with --supersede ends the watch, and ${abort}.`
  if (holder.phase === 'rollback-failed')
    return `Its way back failed: holdpoint release rollback ${holder.id} tries again, and abort --leave, which two people ask for, leaves things as they are.`
  if (holder.phase === 'rolling-back') return 'It is on its way back, and lets go when everything is taken back.'
  return `It lets go when it ends; ${abort}.`
}

function placeInLine({ line }: TargetState, index: number, holder: ReleaseState | null): string {
  const before = index === 0 ? null : line[index - 1]
  const behind = before ? before.version : holder ? `${holder.plan.service} ${holder.releaseVersion}` : null
  const place = index === 0 ? 'next' : `${ordinal(index + 1)} in line`
  return behind === null ? `${place}: its turn has come` : `${place}, behind ${behind}`
}

function ordinal(place: number): string {
  const ending = place % 100 >= 11 && place % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th')
  return `${place}${ending}`
}
