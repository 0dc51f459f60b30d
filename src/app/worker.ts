/** `worker`: wires a worker process: its memory on disk, its launcher, and the server that it asks. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createWorkClient } from '../api/client-work.ts'
import { confinementFor, tellConfinement } from './command-confinement.ts'
import { ConfigFault } from '../config/config.ts'
import { programVersion } from '../config/version.ts'
import { WorkServerFault } from '../core/ports/work-server.ts'
import { realClock } from '../worker/clock.ts'
import { takeLock } from '../worker/launcher/lock.ts'
import type { Confinement } from '../worker/launcher/confinement.ts'
import { connectLauncher } from '../worker/launcher-client.ts'
import { Claims } from '../worker/remote/claims.ts'
import { RemoteWorker } from '../worker/remote/remote-worker.ts'

export interface WorkerOptions {
  readonly url: string
  readonly token: string
  readonly environments: readonly string[] | null
  readonly labels: readonly string[] | null
  readonly workspace: string
  readonly jobs: number
  readonly graceMs: number
  /** Folder of what this worker remembers; one worker for each. */
  readonly home: string
  readonly log: (line: string) => void
}

const REFUSED = 1
const FAILED = 4

/** Resolves with the exit code when it has ended. */
export async function runWorker(options: WorkerOptions): Promise<number> {
  const { home, log, url, token } = options
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const confinement = confinementOrSayWhy(log)
  if (confinement === null) return FAILED
  const lock = takeLock(join(home, 'worker.lock'))
  if (lock === null) {
    log(`another worker works with ${home}; give this one a folder of its own with --store`)
    return FAILED
  }
  const directory = join(home, 'launcher')
  const launcher = await connectLauncher({ directory, node: process.execPath, confinement })
  const name = nameIn(home)
  const { environments, labels, jobs, workspace, graceMs } = options
  const version = programVersion()
  const server = createWorkClient({ server: { url, secret: token }, name, environments, labels, jobs, version })
  const worker = new RemoteWorker(
    {
      server,
      launcher,
      claims: new Claims(join(home, 'claims')),
      clock: realClock(),
      workplace: { workspace, environment: process.env },
      log,
    },
    { secret: token, jobs, graceMs },
  )
  const stop = () => worker.stop()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
  process.on('SIGHUP', () => {})
  log(`worker ${name} asks ${url} for commands and runs them in ${workspace}`)
  try {
    await worker.run()
    await launcher.shutdownWhenIdle().catch(() => undefined)
    log('ended')
    return 0
  } catch (fault) {
    if (!(fault instanceof WorkServerFault)) throw fault
    log(fault.message)
    return REFUSED
  } finally {
    server.close()
    launcher.close()
    lock.release()
  }
}

function confinementOrSayWhy(log: (line: string) => void): Confinement | null {
  try {
    const confinement = confinementFor('server', process.env, log)
    tellConfinement(confinement, log)
    return confinement
  } catch (fault) {
    if (!(fault instanceof ConfigFault)) throw fault
    log(fault.message)
    return null
  }
}

/** Goes with the memory of attempts: a worker without it is another worker. */
function nameIn(home: string): string {
  const file = join(home, 'name')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  const name = `${hostname()}/${randomBytes(3).toString('hex')}`
  writeFileSync(file, `${name}\n`, { mode: 0o600 })
  return name
}
