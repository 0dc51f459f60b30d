/** Wires the duties of a server: sweeping what has expired, telling GitHub of its gates, and webhooks of what happens. */
import { createAudit } from '../api/auth/audit.ts'
import { Directory } from '../api/auth/directory.ts'
import { lapseMappedRoles } from '../api/auth/mapped-roles.ts'
import { keepFollowUpsOfLog } from '../api/follow-ups/from-log.ts'
import { tellFollowUps } from '../api/follow-ups/tell.ts'
import { createGithubClient } from '../api/gates/github-client.ts'
import { watchGithub } from '../api/gates/github-watch.ts'
import { deliver } from '../api/webhooks/deliver.ts'
import { listenToLog } from '../api/webhooks/listen-to-log.ts'
import { attendSchedules } from '../api/schedules/attend.ts'
import { RegisteredSchedules } from '../api/schedules/registered.ts'
import { tellOverdue } from '../api/reviews.ts'
import type { App } from './app.ts'
import type { Duty } from './duties.ts'
import type { ServerExtras } from './server-extras.ts'
import { applyRetention, type Forgotten } from '../store/retention.ts'
import { bareHost } from '../worker/declared-hosts.ts'
import {
  type Allowance,
  createOutbound,
  type Outbound,
  type OutboundRequest,
  whyNotReached,
} from '../worker/outbound.ts'

const HOUR_MS = 3_600_000
const GITHUB_EVERY_MS = 5_000
const FOLLOW_UPS_EVERY_MS = 2_000
const WEBHOOKS_EVERY_MS = 1_000
const SCHEDULES_EVERY_MS = 5_000
const DEADLINES_EVERY_MS = 5_000

export interface ServerDuties {
  readonly duties: readonly Duty[]
  /** Ends requests under way. */
  readonly close: () => void
}

/** Without extras, which only a server has, there is nothing but the sweeping. */
export function serverDuties(
  app: App,
  extras: ServerExtras | null,
  workspace: string,
  log: (line: string) => void,
): ServerDuties {
  const outbound = createOutbound()
  const sweep: Duty = {
    name: 'sweeping expired entries',
    everyMs: HOUR_MS,
    run: async () => void (await app.store.sweepEntries(app.clock.now())),
  }
  const followUps: Duty = {
    name: 'follow-ups of releases',
    everyMs: FOLLOW_UPS_EVERY_MS,
    run: () => keepFollowUpsOfLog(app.store),
  }
  const overdue = extras && followUpDuty(app, log)
  const github = extras && githubDuty(app, extras, outbound, log)
  const webhooks = extras && webhookDuty(app, extras, outbound)
  const retained = extras && retentionDuty(app, extras, log)
  const reviews: Duty | null = extras && {
    name: 'reviews that are overdue',
    everyMs: HOUR_MS,
    run: () => tellOverdue(app.store, app.clock.now(), log),
  }
  const schedules = extras && scheduleDuty(app, workspace, log)
  const lapse = extras && lapseDuty(app, log)
  return {
    duties: [sweep, followUps, overdue, github, webhooks, retained, reviews, schedules, lapse].filter(
      (duty) => duty !== null,
    ),
    close: () => outbound.close(),
  }
}

function githubDuty(
  { store, engine, clock }: App,
  { github }: ServerExtras,
  outbound: Outbound,
  log: (line: string) => void,
): Duty | null {
  if (github === null) return null
  const { hostname, port } = new URL(github.api)
  const http = outbound.for({
    // This one host, as whoever runs the server named it.
    rules: [{ host: hostname, port: port === '' ? null : Number(port), trust: 'literal' }],
    protected: true,
  })
  const client = createGithubClient(github, http, clock)
  const run = () => watchGithub({ store, engine, clock, client, log })
  return { name: 'gates of GitHub', everyMs: GITHUB_EVERY_MS, run }
}

function webhookDuty({ store, clock }: App, { sealer, webhookHosts }: ServerExtras, outbound: Outbound): Duty | null {
  if (sealer === null) return null
  const directory = new Directory(store, clock)
  const reach = (url: string) => webhookReach(outbound, webhookHosts, url)
  const run = async () => {
    await listenToLog({ store, clock, access: () => directory.current() })
    await deliver({ store, clock, sealer, reach })
  }
  return { name: 'webhooks', everyMs: WEBHOOKS_EVERY_MS, run }
}

function followUpDuty({ store, clock, engine, tell }: App, log: (line: string) => void): Duty {
  const directory = new Directory(store, clock)
  const access = () => directory.current()
  const run = () => tellFollowUps({ store, clock, engine, tell, log, access })
  return { name: 'follow-ups that are due', everyMs: DEADLINES_EVERY_MS, run }
}

function scheduleDuty(app: App, workspace: string, log: (line: string) => void): Duty {
  const { store, clock, tell, engine } = app
  const directory = new Directory(store, clock)
  const schedules = new RegisteredSchedules(app)
  const deps = {
    store,
    clock,
    tell,
    log,
    schedules,
    audit: createAudit(store, clock, log),
    starting: { engine, workspace },
  }
  const access = () => directory.current()
  return { name: 'schedules', everyMs: SCHEDULES_EVERY_MS, run: () => attendSchedules({ ...deps, access }) }
}

function lapseDuty({ store, clock }: App, log: (line: string) => void): Duty {
  const directory = new Directory(store, clock)
  const run = async () => {
    for (const person of await lapseMappedRoles({ store, clock, directory }))
      log(`roles: ${person} has not come by the OpenID provider for long; the roles that it brought are gone`)
  }
  return { name: 'roles that a provider brought', everyMs: HOUR_MS, run }
}

function retentionDuty({ store, clock }: App, { retainMs }: ServerExtras, log: (line: string) => void): Duty | null {
  if (retainMs === null) return null
  const audit = createAudit(store, clock, log)
  const onForgotten = async ({ release, batches, evidence }: Forgotten) => {
    const by = { id: 'retention', kind: 'engine', assurance: 'engine' } as const
    await audit.tell({ kind: 'EvidenceForgotten', release, batches, evidence }, by)
    log(`retention: ${release} ended long ago; dropped ${batches} samples and ${evidence} pieces of evidence`)
  }
  return {
    name: 'retention',
    everyMs: HOUR_MS,
    run: (ending) => applyRetention({ store, clock, retainMs, onForgotten, ending }),
  }
}

/** The host that a project named, but nothing on the own network unless whoever runs the server named it too. */
export function webhookReach(
  outbound: Outbound,
  named: ServerExtras['webhookHosts'],
  address: string,
): OutboundRequest {
  return outbound.for(webhookAllowance(named, address))
}

/** Why a webhook would never be delivered there, asked when it is made; null = nothing speaks against it. */
export async function webhookTrouble(
  named: ServerExtras['webhookHosts'],
  address: string,
  settings: Parameters<typeof whyNotReached>[2] = {},
): Promise<string | null> {
  const why = await whyNotReached(address, webhookAllowance(named, address), settings)
  return why && `${why}; whoever runs the server opens it with HOLDPOINT_WEBHOOK_HOSTS=${new URL(address).host}`
}

function webhookAllowance(named: ServerExtras['webhookHosts'], address: string): Allowance {
  const { hostname, port } = new URL(address)
  return {
    rules: [
      { host: bareHost(hostname), port: port === '' ? null : Number(port), trust: 'given' },
      ...named.map(({ host, port: only }) => ({ host: bareHost(host), port: only, trust: 'literal' }) as const),
    ],
    protected: true,
    isOutside: true,
  }
}
