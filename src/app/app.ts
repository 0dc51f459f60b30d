/** Wires the program: the only place that knows every concrete class. */
import { hash, randomBytes, randomUUID } from 'node:crypto'
import { actions } from '../actions/index.ts'
import type { AttendDeps } from '../api/schedules/attend.ts'
import { checks } from '../checks/index.ts'
import type { Config } from '../config/config.ts'
import { useSha256 } from '../core/log/canonical.ts'
import { compile, type Kinds } from '../core/plan/compile.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { EnginePorts, Messenger } from '../core/ports/engine.ts'
import { stateOfPlan } from '../core/release/state-of-plan.ts'
import type { Store } from '../core/ports/store.ts'
import type { Documents } from '../import/desk/documents.ts'
import type { WorkPool } from '../core/ports/work.ts'
import type { EngineService } from '../engine/service.ts'
import { metricSources } from '../metrics/index.ts'
import { notifiers } from '../notify/index.ts'
import type { Confinement } from '../worker/launcher/confinement.ts'
import type { Signer } from '../report/signer.ts'
import { trafficDrivers } from '../traffic/index.ts'

useSha256((data) => hash('sha256', data))

/** Every kind that a checklist may name. */
export function kinds(): Kinds {
  return {
    actions: byKind(actions),
    checks: byKind(checks),
    sources: byKind(metricSources),
    drivers: byKind(trafficDrivers),
    notifiers: byKind(notifiers),
  }
}

export interface App {
  readonly engine: EngineService
  readonly store: Store
  readonly clock: Clock
  /** Commands for workers in other networks. */
  readonly work: WorkPool
  readonly compile: (document: Parameters<typeof compile>[0]) => ReturnType<typeof compile>
  readonly lend: (secrets: Readonly<Record<string, string>>) => Promise<void>
  readonly lendEnvironment: (release: string, values: Readonly<Record<string, string>>) => void
  /** Messages lead to the pages at this address from now on. */
  readonly servedAt: (address: string) => void
  /** Sends one message through a channel of a plan, without a release. Never rejects. */
  readonly tell: AttendDeps['tell']
  /** The key that signs this engine's bundles, made when it is first needed. */
  readonly signer: () => Signer
  /** Looks at documents, in a thread of its own. */
  readonly documents: Documents
  /** Lets go of the store and hangs up; commands under way go on in the launcher. */
  readonly close: () => Promise<void>
}

/** What a process watches of itself: each gets the thing and gives it back. */
export interface Watching {
  store(store: Store): Store
  hands(ports: Omit<EnginePorts, 'store' | 'clock' | 'judge'>): Omit<EnginePorts, 'store' | 'clock' | 'judge'>
}

const unwatched: Watching = { store: (store) => store, hands: (ports) => ports }

/** Takes the store, finds or starts the launcher, and puts the engine between them. Throws StoreFault when another has the store. */
export async function openApp(
  config: Config,
  log: (line: string) => void,
  watching: Watching = unwatched,
  confinement?: Confinement,
): Promise<App> {
  // Loaded here, so that compiling a checklist needs none of it.
  const { openStore } = await import('../store/open.ts')
  const { realClock } = await import('../worker/clock.ts')
  const clock = realClock()
  const store = await openStore(config.database ?? config.home, { now: clock.now() })
  try {
    const watched = watching.store(await guarded(config, store, clock, log))
    return await appAround(config, watched, clock, log, watching, confinement)
  } catch (cause) {
    await store.close()
    throw cause
  }
}

/** With a checkpoint outside the store an older state of it is only read. */
async function guarded(config: Config, store: Store, clock: Clock, log: (line: string) => void): Promise<Store> {
  if (config.checkpoint === null) return store
  const [{ checkpointed }, { openSigner }] = await Promise.all([
    import('../report/log-checkpoint.ts'),
    import('../report/signer.ts'),
  ])
  return checkpointed(store, { file: config.checkpoint, signer: openSigner(config.home), clock, log })
}

async function appAround(
  config: Config,
  store: Store,
  clock: Clock,
  log: (line: string) => void,
  watching: Watching,
  confinement: Confinement | undefined,
): Promise<App> {
  const [{ createEngine }, { canaryJudge }, workers, signing, threads] = await Promise.all([
    import('../engine/engine.ts'),
    import('../core/judge/policies.ts'),
    import('./workers.ts'),
    import('../report/signer.ts'),
    import('./document-thread.ts'),
  ])
  const all = kinds()
  const thread = threads.openDocumentThread()
  const hands = workers.openWorkers(config, all, store, clock, log, confinement)
  const engine = createEngine(
    { ...watching.hands(hands.ports), store, clock, judge: canaryJudge },
    {
      owner: `${process.pid}-${randomUUID()}`,
      ids: { suffix: shortSuffix },
      address: hands.address,
      jobs: hands.jobs,
      leaseMs: config.leaseMs,
      isShared: config.database !== null,
      admit: await admission(store, clock, all),
      onFault: (where, error) =>
        log(`fault in ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    },
  )
  return {
    engine,
    store,
    clock,
    work: hands.work,
    compile: (document) => compile(document, all),
    lend: hands.lend,
    lendEnvironment: hands.lendEnvironment,
    servedAt: hands.servedAt,
    tell: (plan, channel, message) => tellAlone(hands.ports.messenger, clock, plan, channel, message),
    signer: () => signing.openSigner(config.home),
    documents: thread.documents,
    close: async () => {
      thread.close()
      // With nothing left to attend, the launcher has nothing left to wait for either.
      if ((await store.summaries({ open: true, limit: 1 })).length === 0) await hands.retire()
      hands.close()
      await store.close()
    },
  }
}

/** A start whose turn in line has come is asked for as on the first day: its checklist compiled, its rights looked up. */
async function admission(store: Store, clock: Clock, all: Kinds) {
  const [{ admitting }, { Directory }, { programVersion }] = await Promise.all([
    import('../api/queued-starts.ts'),
    import('../api/auth/directory.ts'),
    import('../config/version.ts'),
  ])
  return admitting({
    compile: (document) => compile(document, all),
    about: { version: programVersion(), pid: process.pid },
    directory: new Directory(store, clock),
    now: () => clock.now(),
  })
}

async function tellAlone(
  messenger: Messenger,
  clock: Clock,
  plan: Plan,
  channel: string,
  message: Parameters<AttendDeps['tell']>[2],
): ReturnType<AttendDeps['tell']> {
  const state = stateOfPlan(plan, `schedule/${plan.service}`, clock.now())
  const signal = new AbortController().signal
  const context = { state, attempt: message.id, epoch: 1, signal, progress: () => {} }
  try {
    return await messenger.send({ ...message, release: state.id }, channel, context)
  } catch (cause) {
    return { ok: false, final: false, say: cause instanceof Error ? cause.message : String(cause) }
  }
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Four letters and digits that are hard to mistake for one another. */
function shortSuffix(): string {
  return Array.from(randomBytes(4), (byte) => LETTERS[byte % LETTERS.length]).join('')
}

function byKind<D extends { readonly kind: string }>(definitions: readonly D[]): ReadonlyMap<string, D> {
  return new Map(definitions.map((definition) => [definition.kind, definition]))
}
