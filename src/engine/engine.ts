/** The engine: holds leases on open releases, has each attended, and lets people and other processes have their say. */
import type { Live } from '../core/ports/live.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { EnginePorts } from '../core/ports/engine.ts'
import type { RosterAnswer } from '../core/ports/roster.ts'
import { StaleLease } from '../core/ports/store.ts'
import type { Lease, StoredEvent, StreamId } from '../core/ports/store.ts'
import type { PersonCommand, Refusal } from '../core/release/commands.ts'
import type { Actor } from '../core/release/events.ts'
import { isOpen } from '../core/release/standing.ts'
import type { ReleaseState } from '../core/release/state.ts'
import type { TargetState } from '../core/target/target.ts'
import { Alarm } from './alarm.ts'
import { Amendments } from './amendment.ts'
import { Attendance } from './attendance.ts'
import type { Office } from './attendance.ts'
import { Jobs } from './jobs.ts'
import { Lane, releaseStream } from './lane.ts'
import { LiveView } from './live-view.ts'
import { follow, News } from './news.ts'
import { startAsking, submitAsking } from './on-call.ts'
import { defaults } from './options.ts'
import type { EngineOptions } from './options.ts'
import { Patience } from './patience.ts'
import type { EngineService, StartRequest } from './service.ts'
import { SharedLive } from './shared-live.ts'
import { leaveLine, Line } from './start-line.ts'
import type { Leaving, Queued } from './start-line.ts'
import { startRelease } from './start.ts'
import type { Started, StartPorts } from './start.ts'
import { Targets } from './targets.ts'

/** Lanes of releases that nobody attends here are kept for readers, this many at most. */
const mostIdleLanes = 256
const claimLimit = 100

export function createEngine(ports: EnginePorts, options: EngineOptions): EngineService {
  return new Engine(ports, options)
}

class Engine implements EngineService {
  readonly #ports: EnginePorts
  readonly #options: EngineOptions
  readonly #leaseMs: number
  readonly #lanes = new Map<string, Lane>()
  readonly #targets: Targets
  readonly #starting: StartPorts
  readonly #line: Line | null
  readonly #amendments: Amendments
  readonly #attended = new Map<string, Attendance>()
  readonly #news: News
  readonly #alarm: Alarm
  readonly #live: LiveView
  readonly #shared: SharedLive | null
  readonly #office: Office
  readonly #stopping = new AbortController()
  #attending: Promise<void> | null = null

  constructor(ports: EnginePorts, options: EngineOptions) {
    this.#ports = ports
    this.#options = options
    this.#leaseMs = options.leaseMs ?? defaults.leaseMs
    this.#targets = new Targets(ports.store)
    const { store, clock } = ports
    this.#amendments = new Amendments({ store: ports.store, targets: this.#targets })
    this.#starting = {
      store,
      targets: this.#targets,
      ids: options.ids,
      now: () => clock.now(),
      roster: ports.roster,
      ...(options.address && { address: options.address }),
    }
    this.#line = options.admit
      ? new Line(this.#starting, options.admit, (started) => this.#beginFromLine(started))
      : null
    this.#news = new News(ports.store, ports.clock)
    this.#alarm = new Alarm(ports.clock, (release) => this.#attended.get(release)?.nudge())
    this.#live = new LiveView(ports, (release) => this.#attended.get(release) ?? null)
    this.#shared = options.isShared === true ? this.#sharedLive() : null
    const patience = new Patience(ports.clock, () => {
      for (const attendance of this.#attended.values()) attendance.nudge()
    })
    this.#office = {
      ports,
      jobs: new Jobs(options.jobs),
      claims: new Jobs(4 * options.jobs, 2 * options.jobs),
      patience,
      wakeAt: (release, at) => this.#alarm.set(release, at),
      onLeft: (attendance) => this.#leave(attendance),
      onFault: (where, error) => options.onFault?.(where, error),
      touch: (release) => this.#live.touch(release),
    }
    this.#news.onEvent((event) => {
      const release = event.stream.startsWith('release/') ? event.stream.slice('release/'.length) : null
      if (release !== null) this.#catchUp(release, event.version)
      else if (mayMoveLine(event)) this.#moveLine(event.stream)
    })
  }

  async start(
    request: StartRequest,
    actor: Actor,
  ): Promise<{ readonly kind: 'started'; readonly release: string } | Queued | Refusal> {
    const { queue: _, ...now } = request
    const started = await startAsking(request, actor, this.#ports.roster, (by) =>
      startRelease(this.#starting, this.#line ? request : now, by),
    )
    if (started.kind !== 'started') return started
    await this.#begin(started)
    return { kind: 'started', release: started.release }
  }

  target(stream: StreamId): Promise<TargetState> {
    return this.#targets.read(stream)
  }

  leaveLine(stream: StreamId, leaving: Leaving): Promise<boolean> {
    return leaveLine(this.#starting, stream, leaving)
  }

  /** What it mends hears of it now: while it stood in line there was nothing to hear of. */
  async #beginFromLine(started: Started): Promise<void> {
    await this.#begin(started)
    const mended = started.state?.hotfixOf?.release
    if (!started.state || mended == null) return
    const { id, releaseVersion: version, startedBy } = started.state
    await this.ask(mended, { kind: 'LinkHotfix', release: id, version }, startedBy, null)
  }

  async #begin(started: Started): Promise<void> {
    if (started.state) this.#lane(started.release).begin(started.state)
    if (started.superseded !== null) await this.#lanes.get(started.superseded)?.refresh()
    if (this.#attending)
      await this.#claimOne(started.release, started.state !== null).catch((error: unknown) =>
        this.#office.onFault(`claim of ${started.release}`, error),
      )
  }

  async ask(
    release: string,
    command: Exclude<PersonCommand, { kind: 'StartRelease' }>,
    actor: Actor,
    seen: number | null,
  ) {
    const lane = this.#lane(release)
    if (!this.#attended.has(release)) await lane.refresh()
    const submit = () => submitAsking({ command, actor, lease: null, seen }, lane, this.#ports.roster)
    return command.kind === 'Amend' ? this.#amendments.submit({ lane, command, actor }, submit) : submit()
  }

  async onCall(plan: Plan): Promise<RosterAnswer | null> {
    if (plan.roster?.asked === undefined) return null
    return (await this.#ports.roster?.read(plan, 'lately')) ?? null
  }

  async state(release: string): Promise<ReleaseState | null> {
    const lane = this.#lane(release)
    if (this.#attended.has(release) && lane.state) return lane.state
    return lane.refresh()
  }

  live(release: string): Live {
    return this.#live.own(release) ?? this.#shared?.of(release) ?? { attempts: [], observations: [] }
  }

  follow(release: string, afterVersion: number, signal: AbortSignal) {
    return follow(this.#ports.store, this.#news, releaseStream(release), afterVersion, signal)
  }

  onLive(release: string, listener: () => void): () => void {
    return this.#live.listen(release, listener)
  }

  async open(): Promise<number> {
    return (await this.#ports.store.summaries({ open: true })).length
  }

  attend(): Promise<void> {
    this.#attending ??= this.#attend()
    return this.#attending
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#news.stop()
    this.#alarm.stop()
    this.#live.stop()
    const leases = [...this.#attended.values()].map((attendance) => {
      attendance.relieve()
      return attendance.lease
    })
    this.#attended.clear()
    await Promise.allSettled(leases.map((lease) => this.#ports.store.release(lease)))
    await this.#attending
  }

  async #attend(): Promise<void> {
    await this.#patiently('follow', () => this.#news.start())
    await Promise.all([
      this.#every(this.#options.auditEveryMs ?? defaults.auditEveryMs, 'audit', () => this.#audit()),
      this.#every(this.#options.claimEveryMs ?? defaults.claimEveryMs, 'claim', () => this.#claimDue()),
      this.#every(this.#leaseMs / 3, 'renew', () => this.#renew()),
      this.#shared?.run(this.#stopping.signal),
    ])
  }

  #sharedLive(): SharedLive {
    return new SharedLive(this.#ports.store, this.#ports.clock, {
      watched: () => this.#live.watched(),
      own: (release) => this.#live.own(release),
      listen: (release) => this.#live.listen(release, () => {}),
      onNews: (release) => this.#live.touch(release),
    })
  }

  async #every(periodMs: number, what: string, act: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#patiently(what, act)
      await this.#ports.clock.sleep(periodMs, this.#stopping.signal)
    }
  }

  /** Faults are told and outlived: the next round tries again. */
  async #patiently(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#office.onFault(what, error)
    }
  }

  /** The audit: an open release that nobody attends is claimed, whatever the store's due times say; missed news are read. */
  async #audit(): Promise<void> {
    for (const { id, updatedAt } of await this.#ports.store.summaries({ open: true })) {
      const lane = this.#lanes.get(id)
      if (!this.#attended.has(id)) await this.#claimOne(id)
      else if (lane?.state && lane.state.lastEventAt < updatedAt) await lane.refresh()
    }
  }

  /** `isKnown` = the lane has the release as it stands; a takeover has to read it. */
  async #claimOne(release: string, isKnown = false): Promise<void> {
    const request = { owner: this.#options.owner, now: this.#ports.clock.now(), leaseMs: this.#leaseMs }
    const lease = await this.#ports.store.claimStream(releaseStream(release), request)
    if (lease) await this.#adopt(lease, isKnown)
  }

  async #claimDue(): Promise<void> {
    const { store, clock } = this.#ports
    const leases = await store.claim({
      owner: this.#options.owner,
      now: clock.now(),
      leaseMs: this.#leaseMs,
      limit: claimLimit,
    })
    for (const lease of leases) await this.#adopt(lease)
  }

  async #adopt(lease: Lease, isKnown = false): Promise<void> {
    const release = lease.stream.slice('release/'.length)
    const lane = lease.stream.startsWith('release/') ? this.#lane(release) : null
    if (!lane) return this.#lookAtLine(lease)
    const state = (isKnown && lane.state) || (await lane.refresh())
    if (!state || this.#stopping.signal.aborted) return this.#ports.store.release(lease)
    if (!isOpen(state)) {
      await lane.settleAccounts(lease).catch(unlessStale)
      return this.#ports.store.release(lease)
    }
    const known = this.#attended.get(release)
    if (known && known.lease.epoch === lease.epoch) return
    known?.relieve()
    const attendance = new Attendance(lane, lease, this.#office)
    this.#attended.set(release, attendance)
    attendance.nudge()
  }

  /** Something happened to a target: if a line waits for that, it moves on now and not at the next round. */
  #moveLine(stream: StreamId): void {
    if (!this.#line || !this.#attending || this.#stopping.signal.aborted) return
    void this.#patiently(`line of ${stream}`, async () => {
      const target = await this.#targets.read(stream)
      if (target.line.length === 0) return
      const request = { owner: this.#options.owner, now: this.#ports.clock.now(), leaseMs: this.#leaseMs }
      const lease = await this.#ports.store.claimStream(stream, request)
      if (lease) await this.#lookAtLine(lease)
    })
  }

  async #lookAtLine(lease: Lease): Promise<void> {
    if (!this.#stopping.signal.aborted) await this.#line?.look(lease)
    await this.#ports.store.release(lease)
  }

  async #renew(): Promise<void> {
    const held = [...this.#attended.values()].map((attendance) => ({ attendance, lease: attendance.lease }))
    if (held.length === 0) return
    const kept = await this.#ports.store.renew(
      held.map(({ lease }) => lease),
      this.#ports.clock.now(),
      this.#leaseMs,
    )
    const streams = new Set(kept.map((lease) => `${lease.stream} ${lease.epoch}`))
    for (const { attendance, lease } of held) {
      // One that got a new epoch meanwhile is renewed in the next round.
      if (attendance.lease === lease && !streams.has(`${lease.stream} ${lease.epoch}`)) this.#leave(attendance)
    }
  }

  /** The lease of one that has ended runs out by itself: nobody claims what owes nothing. */
  #leave(attendance: Attendance): void {
    attendance.relieve()
    if (this.#attended.get(attendance.release) === attendance) this.#attended.delete(attendance.release)
  }

  /** Someone else wrote to a release that is known here. */
  #catchUp(release: string, version: number): void {
    const lane = this.#lanes.get(release)
    if (!lane?.state || lane.state.version >= version) return
    lane.reach(version).catch((error: unknown) => this.#office.onFault(`reading ${release}`, error))
  }

  #lane(release: string): Lane {
    const known = this.#lanes.get(release)
    if (known) return known
    const { store, clock } = this.#ports
    const lane = new Lane(release, { store, clock, targets: this.#targets }, (changed) => {
      this.#attended.get(changed.id)?.nudge()
      this.#live.touch(changed.id)
    })
    this.#lanes.set(release, lane)
    this.#forgetIdleLanes()
    return lane
  }

  #forgetIdleLanes(): void {
    if (this.#lanes.size <= mostIdleLanes + this.#attended.size) return
    for (const id of this.#lanes.keys()) {
      if (this.#attended.has(id)) continue
      this.#lanes.delete(id)
      return
    }
  }
}

/** Whoever has just taken a target lets nobody else begin. */
function mayMoveLine({ stream, event }: StoredEvent): boolean {
  return stream.startsWith('target/') && (event as { readonly kind: string }).kind !== 'TargetClaimed'
}

/** Taken over meanwhile: then it is another's to do. */
function unlessStale(error: unknown): void {
  if (!(error instanceof StaleLease)) throw error
}
