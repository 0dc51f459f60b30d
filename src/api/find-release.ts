/** A release by its id, or by the beginning of one that fits no other. */
import type { ReleaseState } from '../core/release/state.ts'
import type { ReleaseSummary } from '../core/ports/store.ts'
import type { ApiDeps } from './deps.ts'
import { RouteRefusal } from './wire/problem.ts'

const SHORTEST_PREFIX = 2
const SEARCHED = 20_000

/** `services` = those whose releases the asker may see; null = all. Others cannot be told from those that are not there. */
export async function findRelease(
  deps: Pick<ApiDeps, 'engine' | 'store'>,
  given: string,
  services: readonly string[] | null = null,
): Promise<ReleaseState> {
  const exact = await deps.engine.state(given)
  if (exact !== null) return exact
  const state = await deps.engine.state(await idBeginningWith(deps, given, services))
  if (state === null) throw unknownRelease(given)
  return state
}

async function idBeginningWith(
  deps: Pick<ApiDeps, 'store'>,
  given: string,
  services: readonly string[] | null,
): Promise<string> {
  if (given.length < SHORTEST_PREFIX) throw unknownRelease(given)
  const summaries = await deps.store.summaries({ limit: SEARCHED, ...(services === null ? {} : { services }) })
  const found = summaries.filter(({ id }) => id.startsWith(given))
  if (found.length > 1) {
    throw new RouteRefusal('ambiguous-release', whichOf(given, found))
  }
  const [one] = found
  if (one === undefined) throw unknownRelease(given)
  return one.id
}

const MOST_NAMED = 5

function whichOf(given: string, found: readonly ReleaseSummary[]): string {
  const named = found
    .slice(0, MOST_NAMED)
    .map(
      ({ id, service, version, environment, phase }) => `  ${id}   ${service} ${version} → ${environment} (${phase})`,
    )
  const more = found.length > MOST_NAMED ? [`  … ${found.length - MOST_NAMED} more`] : []
  return [`"${given}" begins ${found.length} releases, which of`, ...named, ...more].join('\n')
}

export function unknownRelease(given: string): RouteRefusal {
  return new RouteRefusal('unknown-release', `No release "${given}"; \`holdpoint release list\` shows those there are.`)
}
