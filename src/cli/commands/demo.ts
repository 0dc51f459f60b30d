/** `demo`: two versions of a small shop, real requests, a whole release on the real engine, its page, and its record at the end. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Client } from '../../api/client-types.ts'
import type { Config } from '../../config/config.ts'
import { attend } from '../attend/attend.ts'
import { refusal } from '../ask-engine.ts'
import type { Run } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { playPeople } from '../demo-people.ts'
import { type DemoServer, furnish, linkInto, SPECTATOR, startDemoServer } from '../demo-server.ts'
import { loadPlan } from '../document.ts'
import type { ExitCode } from '../faults.ts'
import { inputsOf } from '../inputs.ts'
import { openerHere, openInBrowser } from '../open-browser.ts'
import { paint } from '../terminal/line.ts'
import type { Line } from '../terminal/line.ts'
import { flag, text } from '../values.ts'
import { fileName } from './export.ts'
import { verifyBytes } from './verify.ts'

type Bad = false | 'errors' | 'latency'
/** Who starts it: neither of the two engineers who sign, and labelled as scripted like them. */
const STARTER = 'dora'

export const demo: Run = async (context, _words, options) => {
  const bad: Bad = options['bad'] === true ? 'errors' : ((text(options, 'bad') as Bad | null) ?? false)
  const fast = flag(options, 'fast')
  const base = await mkdtemp(join(tmpdir(), 'holdpoint-demo-'))
  forgetSettings()
  const config = await privateConfig(base)
  // In a checkout the pages may have to be made first: meanwhile the shop opens.
  const serving = serverFor(context, config)
  const { startWorld } = await import('../../../demo/world.ts')
  const world = await startWorld({ bad }).catch(async (cause: unknown) => {
    await (await serving)?.stop()
    throw cause
  })
  tell(context, [[`shop ${world.settings.previous}`, 'strong'], ` serves customers at ${world.shop}`])
  tell(context, [
    [`shop ${world.settings.version}`, 'strong'],
    ` is to take over${bad ? `; it gets ${bad} wrong, and nobody knows yet` : ''}`,
  ])
  tell(context, [['the people in this demo are scripted; everything else is real', 'dim']])
  const server = await serving
  const opens = context.interactive && options['open'] !== false
  const stage: Stage = { context, base, config, fast, server, opens, clients: [] }
  try {
    const exit = await play(stage, world, text(options, 'out'))
    if (server !== null && context.interactive && exit !== 130) await stayOpen(context, server)
    return exit
  } finally {
    await strike(stage, world)
  }
}

interface Stage {
  readonly context: Context
  readonly base: string
  readonly config: Config
  readonly fast: boolean
  /** null = this machine cannot serve pages; the terminal tells all of it then. */
  readonly server: DemoServer | null
  /** The browser opens by itself, where somebody would see it. */
  readonly opens: boolean
  readonly clients: Client[]
}

type World = Awaited<ReturnType<typeof import('../../../demo/world.ts')['startWorld']>>

/** Where this machine's real releases are is nothing to a demo; what commands are held to still counts. */
function forgetSettings(): void {
  for (const name of Object.keys(process.env))
    if (name.startsWith('HOLDPOINT_') && name !== 'HOLDPOINT_COMMAND_LIMITS') delete process.env[name]
}

/** A store and an engine of the demo's own: nothing of it touches what else runs here. */
async function privateConfig(base: string): Promise<Config> {
  const { readConfig } = await import('../../config/config.ts')
  return readConfig(process.env, { store: join(base, 'home') })
}

async function serverFor(context: Context, config: Config): Promise<DemoServer | null> {
  try {
    return await startDemoServer(config.home)
  } catch (cause) {
    context.err(`holdpoint: no page in this demo: ${cause instanceof Error ? cause.message : String(cause)}`)
    return null
  }
}

async function as(stage: Stage, who: string): Promise<Client> {
  const { openClient } = await import('../../api/open-client.ts')
  const client = await openClient(stage.config, { actor: { id: who, isScripted: true } })
  stage.clients.push(client)
  return client
}

async function play(stage: Stage, world: World, outGiven: string | null): Promise<ExitCode> {
  const { context, base, fast } = stage
  const { writeDemoFolder } = await import('../../../demo/folder.ts')
  const { demoPeople } = await import('../../../demo/people.ts')
  const root = join(base, 'shop')
  await mkdir(root)
  const given = writeDemoFolder(root, world, { fast })
  const { plan, body } = await loadPlan(given.checklist)
  const client = await as(stage, STARTER)
  if (stage.server !== null) await furnish(stage.server, client, body)
  const started = await client.start({
    document: body,
    version: given.version,
    previous: given.previous,
    environment: given.environment,
    inputs: inputsOf(
      plan,
      Object.entries(given.inputs).map(([name, value]) => `${name}=${value}`),
    ),
    workspace: { root, commit: null, dirty: false },
    artefact: null,
    supersede: false,
    rehearsal: false,
    idempotencyKey: null,
  })
  if (started.kind === 'refused') throw refusal(started)
  const { release } = started
  if (stage.server !== null) await invite(stage, stage.server, client)

  const curtain = new AbortController()
  const cast = new Map<string, Client>()
  for (const who of new Set(demoPeople.map((deed) => deed.who))) cast.set(who, await as(stage, who))
  const people = playPeople(await as(stage, 'audience'), release, demoPeople, {
    as: (who) => cast.get(who) ?? client,
    lead: client,
    isTaken: async () => (await client.events(release)).some(({ by }) => by.id === SPECTATOR),
    thinkMs: fast ? 50 : 700,
    signal: curtain.signal,
  })
  const attending = attend(context, client, release, {
    until: 'closed',
    waitMs: 0,
    eventsFile: null,
    after: 0,
    scripted: true,
  })
  try {
    const exit = await Promise.race([attending, people.then(() => attending)])
    return exit === 130 ? 130 : await record(stage, client, release, exit, outGiven)
  } finally {
    curtain.abort()
    await people.catch(() => undefined)
  }
}

async function invite({ context, opens }: Stage, server: DemoServer, client: Client): Promise<void> {
  const link = await linkInto(server, client)
  tell(context, [['watch it   ', 'strong'], link])
  tell(context, [['the link signs you in once, on this machine, until the demo ends', 'dim']])
  const opener = opens ? openerHere(process.env) : null
  if (opener !== null) openInBrowser(opener, link)
}

/** Until Ctrl-C: the release is over, and its page is still worth a look. */
async function stayOpen(context: Context, { address }: DemoServer): Promise<void> {
  tell(context, [['\nthe page stays at ', 'dim'], address, [' until you press Ctrl-C', 'dim']])
  // Also while it ends: pressed once more it would leave its servers behind.
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
}

/** Report and bundle, and the proof that the bundle is whole; the last line says how it went. */
async function record(
  stage: Stage,
  client: Client,
  release: string,
  exit: ExitCode,
  outGiven: string | null,
): Promise<ExitCode> {
  const { context } = stage
  const out = await outFolder(outGiven)
  const report = await client.export(release, 'report')
  const page = await client.export(release, 'html')
  const bundle = await client.export(release, 'bundle')
  const view = await client.show(release)
  if (!report || !page || !bundle || !view) throw new Error(`bug: ${release} has no record`)
  const shown = (name: string) => {
    const near = relative(process.cwd(), join(out, name))
    return near.startsWith('..') ? join(out, name) : near
  }
  await writeFile(join(out, 'report.md'), report)
  await writeFile(join(out, 'report.html'), page)
  await writeFile(join(out, fileName(release)), bundle)
  context.out('')
  context.out(`report ${shown('report.html')} and ${shown('report.md')}`)
  const verified = await verifyBytes(context, shown(fileName(release)), bundle, null)
  const good = exit === 0
  tell(context, [[`${good ? '✔' : '↩'} ${view.decision?.sentence ?? view.bar.now}`, good ? 'good' : 'bad']])
  return verified === 0 ? exit : 1
}

/** The first `holdpoint-demo-<n>` that is free here; the temporary folder where this one is not for writing. */
async function outFolder(given: string | null): Promise<string> {
  if (given !== null) {
    await mkdir(given, { recursive: true })
    return given
  }
  for (let n = 1; n < 1000; n += 1) {
    try {
      const folder = join(process.cwd(), `holdpoint-demo-${n}`)
      await mkdir(folder)
      return folder
    } catch (fault) {
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) break
    }
  }
  return mkdtemp(join(tmpdir(), 'holdpoint-demo-record-'))
}

async function strike(stage: Stage, world: World): Promise<void> {
  const [client] = stage.clients
  if (stage.server === null) await client?.stop().catch(() => undefined)
  for (const one of stage.clients) one.close()
  await stage.server?.stop()
  await world.stop()
  await rm(stage.base, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }).catch(() => undefined)
}

function tell(context: Context, line: Line): void {
  context.out(paint(line, { ...context.paper(), width: Number.POSITIVE_INFINITY }))
}
