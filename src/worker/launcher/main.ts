/** The launcher process: `node main.ts FOLDER [--idle-ms N] [--grace-ms N] [--no-cgroup] [--confinement TEXT] [--user TEXT]`. One per folder, outliving its clients. */
import { createHash } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { chmodSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { userFrom } from './command-user.ts'
import { takeLock } from './lock.ts'
import { PipePool } from './pipes.ts'
import { ownPlaces } from './places.ts'
import { SOCKET_NAME } from './protocol.ts'
import { recover } from './recovery.ts'
import { serve } from './server.ts'
import { shortPath } from './socket-path.ts'
import { Spool } from './spool.ts'
import { Supervisor } from './supervisor.ts'
import { ControlGroups } from './tree.ts'
import { userPlaces } from './user-places.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'idle-ms': { type: 'string', default: '60000' },
    'grace-ms': { type: 'string', default: '5000' },
    'no-cgroup': { type: 'boolean', default: false },
    // Only told to clients: who started us has put us under it.
    confinement: { type: 'string', default: '' },
    // What commands run as; absent = as this process.
    user: { type: 'string' },
  },
})
// An engine that guards its own files closely must not make the files of a deployment unreadable.
process.umask(0o022)
const [given] = positionals
if (given === undefined) throw new Error('the launcher needs the folder it works in')
mkdirSync(given, { recursive: true, mode: 0o700 })
const directory = realpathSync(given)

// Another launcher serves this folder: whoever started us will reach that one.
const lock = takeLock(join(directory, 'launcher.lock'))
if (lock === null) process.exit(0)

const startedAt = Date.now() - performance.now()
const now = () => Math.round(startedAt + performance.now())
const user = values.user === undefined ? null : userFrom(values.user)
const places = user === null ? ownPlaces : userPlaces(directory, user)
const spool = new Spool(directory, places)
const recovered = await recover(spool, now)
if (recovered > 0)
  console.error(`${new Date(now()).toISOString()} ${recovered} attempts were lost with the launcher before`)
spool.dropOldTraces(new Date(now()))

let isClosing = false
let idleTimer: NodeJS.Timeout | undefined
const groups = values['no-cgroup'] ? null : ControlGroups.open(nameOf(directory))
const supervisor = new Supervisor({
  spool,
  pipes: new PipePool(join(directory, 'pipes'), user?.gid ?? null),
  groups,
  graceMs: Number(values['grace-ms']),
  // A copy: every look into process.env itself is a call into the system.
  environment: { ...process.env },
  user,
  now,
  onIdle: considerLeaving,
})
const { server, connections, hangUp } = serve(supervisor, values.confinement, considerLeaving, () => {
  isClosing = true
  // After the answer has gone out.
  setImmediate(considerLeaving)
})

const socketPath = join(directory, SOCKET_NAME)
// The lock is ours, so whoever listened here is gone.
rmSync(socketPath, { force: true })
const umask = process.umask(0o077)
server.listen(shortPath(directory, SOCKET_NAME), () => {
  chmodSync(socketPath, 0o600)
  process.umask(umask)
  // Now, not at exit: a launcher that is killed would leave nothing for the next.
  flushCompileCache()
  considerLeaving()
})

process.on('SIGHUP', () => {})
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {
  // The first lets commands end by themselves; the second ends them.
  if (isClosing) void supervisor.stopAll()
  isClosing = true
  considerLeaving()
})

/** Leaves at once when asked to, else some time after the last client has gone. Results stay in the spool. */
function considerLeaving(): void {
  clearTimeout(idleTimer)
  if (!supervisor.isIdle) return
  if (isClosing) leave()
  else if (connections() === 0) idleTimer = setTimeout(leave, Number(values['idle-ms']))
}

function leave(): void {
  if (!supervisor.isIdle || (!isClosing && connections() > 0)) return
  server.close(end)
  hangUp()
  setTimeout(end, 1_000)
}

function end(): never {
  groups?.close()
  places.close()
  process.exit(0)
}

/** The same for every launcher of this folder, and for no other folder of this machine. */
function nameOf(path: string): string {
  const { dev, ino } = statSync(path)
  return createHash('sha256').update(`${path}\n${dev}\n${ino}`).digest('hex').slice(0, 16)
}
