/** Wires the duties of a server: sweeping what has expired, and telling GitHub of its gates. */
import { createGithubClient } from './api/gates/github-client.ts'
import { watchGithub } from './api/gates/github-watch.ts'
import type { App } from './app.ts'
import type { GithubSettings } from './config/settings.ts'
import type { Duty } from './duties.ts'
import { createOutbound, type Outbound, type OutboundRequest } from './worker/outbound.ts'

const HOUR_MS = 3_600_000
const GITHUB_EVERY_MS = 5_000

export interface ServerDuties {
  readonly duties: readonly Duty[]
  readonly close: () => void
}

export function serverDuties(app: App, github: GithubSettings | null, log: (line: string) => void): ServerDuties {
  const outbound = createOutbound()
  const sweep: Duty = {
    name: 'sweeping expired entries',
    everyMs: HOUR_MS,
    run: async () => void (await app.store.sweepEntries(app.clock.now())),
  }
  return {
    duties: github === null ? [sweep] : [sweep, githubDuty(app, github, reaching(outbound, github.api), log)],
    close: () => outbound.close(),
  }
}

function githubDuty(app: App, settings: GithubSettings, http: OutboundRequest, log: (line: string) => void): Duty {
  const { store, engine, clock } = app
  const client = createGithubClient(settings, http, clock)
  return {
    name: 'gates of GitHub',
    everyMs: GITHUB_EVERY_MS,
    run: () => watchGithub({ store, engine, clock, client, log }),
  }
}

/** This one host, as whoever runs the server named it. */
function reaching(outbound: Outbound, address: string): OutboundRequest {
  const { hostname, port } = new URL(address)
  return outbound.for({
    rules: [{ host: hostname, port: port === '' ? null : Number(port), trust: 'literal' }],
    protected: true,
  })
}
