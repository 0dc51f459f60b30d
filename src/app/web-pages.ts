/** Where the pages of the web interface lie; in a checkout they are made from their sources when there is something to make. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LONGEST_BUILD_MS = 60_000
const LOOK_EVERY_MS = 100

export interface WebPages {
  /** null = there are none. */
  readonly folder: string | null
  /** Why there are none, with what to do; null = all is well. */
  readonly trouble: string | null
}

/** An installed package holds them; a checkout makes them, in about a second, and again when a source is newer. */
export function webPages(): WebPages {
  const here = dirname(fileURLToPath(import.meta.url))
  const root = join(here, '..', '..')
  const sources = join(root, 'web')
  // In a package this file is `dist/src/app/web-pages.js`, and `dist/web` holds what was made.
  const isCheckout = existsSync(join(sources, 'src'))
  const folder = isCheckout ? join(root, 'dist', 'web') : join(root, 'web')
  if (!isCheckout)
    return existsSync(join(folder, 'index.html')) ? { folder, trouble: null } : { folder: null, trouble: notThere }
  const isFresh = (): boolean => madeAt(folder) >= newestIn(sources)
  if (isFresh() || oneAtATime(join(root, 'dist', '.making-web'), isFresh, () => build(root)))
    return { folder, trouble: null }
  return existsSync(join(folder, 'index.html'))
    ? { folder, trouble: 'the web pages are older than their sources; `npm run build:web` says why' }
    : { folder: null, trouble: notBuilt }
}

function build(root: string): boolean {
  const made = spawnSync(process.execPath, [join(root, 'scripts', 'build-web.ts')], {
    cwd: root,
    stdio: 'ignore',
    timeout: LONGEST_BUILD_MS,
  })
  return made.status === 0
}

/** Several that start at once make the pages once: who comes second waits, and finds them done. */
function oneAtATime(lock: string, isDone: () => boolean, make: () => boolean): boolean {
  while (!isTaken(lock)) {
    // Whoever took it so long ago is gone.
    if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > LONGEST_BUILD_MS) letGo(lock)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS)
  }
  try {
    return isDone() || make()
  } finally {
    letGo(lock)
  }
}

/** True also where nobody can take anything, such as on a disk that is only read: making the pages says so then. */
function isTaken(lock: string): boolean {
  try {
    mkdirSync(dirname(lock), { recursive: true })
    mkdirSync(lock)
    return true
  } catch (fault) {
    return !(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')
  }
}

function letGo(lock: string): void {
  rmSync(lock, { recursive: true, force: true })
}

const notThere = 'this installation has no web pages; the API and the command line work without them'
const notBuilt = 'no web pages yet: `npm ci && npm run build:web` makes them; the API and the command line work without'

function madeAt(folder: string): number {
  const index = join(folder, 'index.html')
  return existsSync(index) ? statSync(index).mtimeMs : -1
}

function newestIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)
}
