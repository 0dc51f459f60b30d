/** A store with as many releases as a team makes in years, each played through the real rules: most ended, some open. */
import { kinds } from '../../src/app/app.ts'
import { compile } from '../../src/core/plan/compile.ts'
import type { Plan } from '../../src/core/plan/plan.ts'
import { decide } from '../../src/core/release/decide.ts'
import type { Actor, Recorded, ReleaseEvent } from '../../src/core/release/events.ts'
import { fold } from '../../src/core/release/evolve.ts'
import { isOpen } from '../../src/core/release/standing.ts'
import type { ReleaseState } from '../../src/core/release/state.ts'
import { releaseStream } from '../../src/engine/lane.ts'
import { summaryOf } from '../../src/engine/summary.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'

const ana: Actor = { id: 'ana', kind: 'person', assurance: 'claimed' }
const services = ['checkout', 'search', 'billing', 'mail', 'stock', 'login', 'reports', 'gallery', 'prices', 'orders']
const environments = ['production', 'staging', 'canary-eu']
const AT_ONCE = 200
const APART_MS = 60_000

export interface Filling {
  readonly ended: number
  readonly open: number
}

/** The open ones are the newest; `ana` started all of them. */
export async function fillStore(folder: string, { ended, open }: Filling): Promise<void> {
  const plans = services.map(planOf)
  const store = await openSqliteStore({ directory: folder, now: Date.now() })
  const first = Date.now() - (ended + open) * APART_MS
  const one = async (index: number): Promise<void> => {
    const plan = plans[index % plans.length] as Plan
    const told = tell(plan, index, first + index * APART_MS, index < ended)
    const events = told.events.map(({ at, by, event }) => ({ at, by, event }))
    await store.append(
      { streams: [{ stream: releaseStream(told.state.id), expectedVersion: 0, events }] },
      summaryOf(told.state),
    )
  }
  try {
    for (let at = 0; at < ended + open; at += AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, ended + open - at) }, (_, of) => one(at + of)))
  } finally {
    await store.close()
  }
}

function tell(plan: Plan, index: number, at: number, isEnded: boolean): { state: ReleaseState; events: Recorded[] } {
  const version = `${1 + Math.floor(index / 1_000)}.${Math.floor(index / 10) % 100}.${index % 10}`
  const begun = accepted(
    decide(
      null,
      {
        kind: 'StartRelease',
        plan,
        version,
        environment: environments[index % environments.length] ?? '',
        inputs: {},
        workspace: { root: '/', commit: null, dirty: false },
        artefact: null,
        rehearsal: false,
        release: `${plan.service}-${version}-${index.toString(36).padStart(4, '0')}`,
        previous: null,
        superseded: null,
      },
      { now: at, actor: ana },
    ),
  )
  const events = recorded(begun, 0, at)
  const started = fold(events)
  if (started === null) throw new Error('bug: a started release has no state')
  if (!isEnded) return { state: started, events }
  const why = `not today: ${plan.service} ${index}`
  const abort = decide(started, { kind: 'Abort', why, leave: false, typed: null }, { now: at + 30_000, actor: ana })
  const ending = accepted(abort)
  const sent = [...begun, ...ending]
    .filter((event) => event.kind === 'MessageQueued')
    .map(({ message }): ReleaseEvent => ({ kind: 'MessageDelivered', message, say: 'shown' }))
  const more = recorded([...ending, ...sent], started.version, at + 30_000)
  const state = fold(more, started)
  if (state === null || isOpen(state)) throw new Error('bug: an aborted release has not ended')
  return { state, events: [...events, ...more] }
}

function accepted(decision: ReturnType<typeof decide>): readonly ReleaseEvent[] {
  if (decision.kind === 'refused') throw new Error(`bug: ${decision.reason}`)
  return decision.events
}

function recorded(events: readonly ReleaseEvent[], after: number, at: number): Recorded[] {
  return events.map((event, index) => ({ version: after + index + 1, at, by: ana, event }))
}

function planOf(service: string): Plan {
  const text = [
    '---',
    'holdpoint: 1',
    `service: ${service}`,
    `environments: { ${environments.map((name) => `${name}: {}`).join(', ')} }`,
    '---',
    `# Release of ${service}`,
    '',
    '- [ ] Somebody says that it may go',
    '- [ ] Somebody looks at the numbers',
    '',
  ].join('\n')
  const { plan, problems } = compile({ file: 'release.md', bytes: Buffer.from(text), shared: null }, kinds())
  if (plan === null) throw new Error(`bug: ${problems[0]?.found ?? 'the checklist does not compile'}`)
  return plan
}
