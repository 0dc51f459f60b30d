/** Looks at the gates that deployments at GitHub wait for, and tells GitHub once one is open or closed. One replica tells. */
import type { Clock } from '../../core/ports/clock.ts'
import type { Store } from '../../core/ports/store.ts'
import { gateOf, type GateReading } from '../../core/release/gate.ts'
import { isPractice } from '../../core/release/standing.ts'
import type { ReleaseState } from '../../core/release/state.ts'
import type { EngineService } from '../../engine/service.ts'
import type { GithubClient } from './github-client.ts'
import { type Binding, bindingOf, changeWaiting, type Kept, type Waiting, waitingOnes } from './github-waiting.ts'

export interface GithubWatchDeps {
  readonly store: Store
  readonly engine: Pick<EngineService, 'state'>
  readonly clock: Clock
  readonly client: GithubClient
  readonly log: (line: string) => void
}

/** Nobody else tells GitHub meanwhile; after it another replica may. */
const CLAIM_MS = 60_000
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 600_000
/** Newest releases of a service in which the commit is looked for. */
const SEARCHED = 200

/** One round over all that wait. Rejects when the store does not answer: the next round tries again. */
export async function watchGithub(deps: GithubWatchDeps): Promise<void> {
  for (const kept of await waitingOnes(deps.store)) {
    if (kept.value.notBefore > deps.clock.now()) continue
    const reading = await readingFor(deps, kept.value)
    if (reading.status === 'waiting') continue
    await tell(deps, kept, reading)
  }
}

async function readingFor(deps: GithubWatchDeps, waiting: Waiting): Promise<GateReading> {
  const binding = await bindingOf(deps.store, waiting.repository, waiting.githubEnvironment)
  if (binding === null) return { status: 'waiting', say: 'This repository and environment belong to no project here.' }
  const state = await releaseOfCommit(deps, binding.value, waiting)
  if (state === null) return { status: 'waiting', say: 'No release of this commit yet.' }
  return gateOf(state, binding.value.point) ?? { status: 'closed', say: `${state.id} has no such point.` }
}

/** Of the very commit; a release that does not know its commit may go by a tag with its version. */
async function releaseOfCommit(
  { store, engine }: GithubWatchDeps,
  { service, environment }: Binding,
  { sha, ref }: Waiting,
): Promise<ReleaseState | null> {
  const tag = ref.replace(/^refs\/tags\//, '')
  const summaries = await store.summaries({ service, limit: SEARCHED })
  const fitting: ReleaseState[] = []
  for (const summary of summaries.filter((one) => one.environment === environment)) {
    const state = await engine.state(summary.id)
    if (state === null || isPractice(state)) continue
    const { commit, dirty } = state.workspace
    const isSame = commit === null ? isVersion(tag, state.releaseVersion) : commit === sha && !dirty
    if (isSame) fitting.push(state)
  }
  const open = fitting.filter(({ endedAt }) => endedAt === null)
  // Two open ones: nobody knows which is meant, so it waits.
  return open.length > 1 ? null : (open[0] ?? fitting[0] ?? null)
}

function isVersion(tag: string, version: string): boolean {
  return tag === version || tag === `v${version}`
}

/** Claimed first: with several replicas GitHub hears it from one. */
async function tell(deps: GithubWatchDeps, kept: Kept<Waiting>, { status, say }: GateReading): Promise<void> {
  const { store, clock, client, log } = deps
  const { value } = kept
  const revision = await changeWaiting(store, kept, { ...value, notBefore: clock.now() + CLAIM_MS })
  if (revision === null) return
  const told = await client.decide(value.callback, value.installation, {
    environment: value.githubEnvironment,
    state: status === 'open' ? 'approved' : 'rejected',
    comment: `Holdpoint: ${say}`,
  })
  log(`github gate of ${value.repository} ${value.githubEnvironment}: ${told.say}`)
  const claimed = { ...kept, revision }
  if (told.kind !== 'again') return void (await changeWaiting(store, claimed, null))
  const tries = value.tries + 1
  const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries - 1, 10))
  await changeWaiting(store, claimed, { ...value, tries, notBefore: clock.now() + waitMs, say: told.say })
}
