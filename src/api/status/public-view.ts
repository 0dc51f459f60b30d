/** What strangers may know of an organisation's releases: service, version, environment, one word for the state, two times. */
import type { AccessState } from '../../core/access/access.ts'
import type { ReleaseSummary, Store } from '../../core/ports/store.ts'
import type { Instant, Millis } from '../../core/units.ts'

/** `moving` = now · `good`, `bad` = over · `quiet` = over without an effect that users would see. */
export type PublicTone = 'moving' | 'good' | 'bad' | 'quiet'

export interface PublicRelease {
  readonly service: string
  readonly version: string
  readonly environment: string
  readonly word: string
  readonly tone: PublicTone
  readonly startedAt: Instant
  /** null = it goes on. */
  readonly endedAt: Instant | null
}

export interface PublicStatus {
  readonly name: string
  readonly at: Instant
  readonly now: readonly PublicRelease[]
  readonly recent: readonly PublicRelease[]
}

const RECENT_MS: Millis = 14 * 86_400_000
const MOST_RECENT = 30
const MOST_READ = 500

const words: Readonly<Record<string, readonly [word: string, tone: PublicTone]>> = {
  running: ['being released', 'moving'],
  validating: ['released, being watched', 'moving'],
  'signed-off': ['released, being watched', 'moving'],
  'rolling-back': ['being taken back', 'bad'],
  'rollback-failed': ['being looked into', 'bad'],
  'rolled-back': ['taken back', 'bad'],
  closed: ['released', 'good'],
  superseded: ['replaced by a later release', 'quiet'],
  left: ['ended early', 'quiet'],
}

export interface StatusSources {
  readonly store: Pick<Store, 'summaries'>
  /** A rehearsal reaches no user. */
  readonly isRehearsal: (release: string) => Promise<boolean>
}

/** null = there is no such organisation, or its page is off: strangers cannot tell which. */
export async function publicStatus(
  { store, isRehearsal }: StatusSources,
  access: AccessState,
  organisation: string,
  at: Instant,
): Promise<PublicStatus | null> {
  if (!access.statusPages.has(organisation)) return null
  const projects = [...access.projects.values()].filter((project) => project.organisation === organisation)
  const services = projects.flatMap((project) => project.services)
  const shown = new Set(
    projects.flatMap((project) =>
      project.environments
        .filter(({ isProtected }) => isProtected)
        .flatMap(({ name }) => project.services.map((service) => placeKey(service, name))),
    ),
  )
  const read = async (open: boolean): Promise<readonly ReleaseSummary[]> =>
    (await store.summaries({ open, services, limit: MOST_READ })).filter(({ service, environment }) =>
      shown.has(placeKey(service, environment)),
    )
  const ended = (await read(false))
    .filter(({ updatedAt }) => at - updatedAt < RECENT_MS)
    .toSorted((one, other) => other.updatedAt - one.updatedAt)
  return {
    name: access.organisations.get(organisation) ?? organisation,
    at,
    now: (await realOf(await read(true), MOST_READ)).map(publicRelease),
    recent: (await realOf(ended, MOST_RECENT)).map(publicRelease),
  }

  async function realOf(all: readonly ReleaseSummary[], most: number): Promise<readonly ReleaseSummary[]> {
    const real: ReleaseSummary[] = []
    for (const summary of all) {
      if (real.length === most) break
      if (!(await isRehearsal(summary.id))) real.push(summary)
    }
    return real
  }
}

/** Written out member by member: what a summary learns to say later is not public by that. */
function publicRelease(summary: ReleaseSummary): PublicRelease {
  const { service, version, environment, phase, startedAt, updatedAt, open } = summary
  const [word, tone] = words[phase] ?? ['under way', 'quiet']
  return { service, version, environment, word, tone, startedAt, endedAt: open ? null : updatedAt }
}

function placeKey(service: string, environment: string): string {
  return JSON.stringify([service, environment])
}
