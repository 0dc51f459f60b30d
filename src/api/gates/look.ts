/** Finds the release that a gate is asked of, and reads the gate. Only what the asker may see is there. */
import { type GatePoint, gateOf, type GateReading } from '../../core/release/gate.ts'
import type { AccessState } from '../../core/access/access.ts'
import { isPractice } from '../../core/release/standing.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import { type Caller, callerMay, visibleServices } from '../auth/caller.ts'
import { placeOfRelease } from '../auth/guard.ts'
import type { ApiDeps } from '../deps.ts'
import { findRelease } from '../find-release.ts'
import { RouteRefusal } from '../wire/problem.ts'
import type { Wanted } from './asked.ts'

export interface Gate extends GateReading {
  readonly release: string
  readonly service: string
  readonly environment: string
  readonly version: string
  readonly point: GatePoint
  readonly open: boolean
  /** For whoever compares numbers: 1 = open. */
  readonly value: 0 | 1
}

export interface Asker {
  readonly access: AccessState
  readonly caller: Caller
}

/** Releases of one service that are looked through, newest first; an older one is not found, and its gate stays shut. */
const SEARCHED = 2_000

/** Throws a refusal when there is none, or more than one open. */
export async function releaseWanted(
  deps: Pick<ApiDeps, 'engine' | 'store'>,
  wanted: Wanted,
  { access, caller }: Asker,
): Promise<ReleaseState> {
  const services = visibleServices(access, caller, 'release.read')
  const found =
    wanted.kind === 'id' ? await findRelease(deps, wanted.id, services) : await ofTarget(deps, wanted, services)
  if (!callerMay(access, caller, 'release.read', placeOfRelease(access, found))) throw noneOf(wanted)
  return found
}

/** The open one of that version on that target; else the newest. A rehearsal is none. */
async function ofTarget(
  deps: Pick<ApiDeps, 'engine' | 'store'>,
  wanted: Extract<Wanted, { kind: 'target' }>,
  services: readonly string[] | null,
): Promise<ReleaseState> {
  const { service, environment, version } = wanted
  if (services !== null && !services.includes(service)) throw noneOf(wanted)
  const fitting = (await deps.store.summaries({ service, limit: SEARCHED })).filter(
    (one) => one.environment === environment && one.version === version,
  )
  const states: ReleaseState[] = []
  for (const { id } of fitting) {
    const state = await deps.engine.state(id)
    if (state !== null && !isPractice(state)) states.push(state)
  }
  const open = states.filter(({ endedAt }) => endedAt === null)
  if (open.length > 1)
    throw new RouteRefusal(
      'ambiguous-release',
      `${open.length} releases of ${service} ${version} are open in ${environment}; ask by id: ${open.map(({ id }) => id).join(', ')}`,
    )
  const one = open[0] ?? states[0]
  if (one === undefined) throw noneOf(wanted)
  return one
}

/** Throws `unknown-step` when the release has no such point. */
export function gateAt(state: ReleaseState, point: GatePoint): Gate {
  const reading = gateOf(state, point)
  if (reading === null) throw new RouteRefusal('unknown-step', `${state.id} has no such ${point.kind}.`)
  const isOpen = reading.status === 'open'
  return {
    release: state.id,
    service: state.plan.service,
    environment: state.environment,
    version: state.releaseVersion,
    point,
    ...reading,
    open: isOpen,
    value: isOpen ? 1 : 0,
  }
}

function noneOf(wanted: Wanted): RouteRefusal {
  return new RouteRefusal(
    'unknown-release',
    wanted.kind === 'id'
      ? `No release "${wanted.id}".`
      : `No release of ${wanted.service} ${wanted.version} in ${wanted.environment}.`,
  )
}
