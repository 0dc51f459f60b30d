/**
 * Everything a command started, to be seen and ended as a whole. Where the kernel lets us make control groups, one
 * holds the tree and nothing leaves it; elsewhere the tree is what shares the session, the parents or the marker.
 */
import { mkdirSync, openSync, readdirSync, readFileSync, readSync, rmdirSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { bootId, carriesMarker, factsOf, groupIsAlive, livingProcesses, signalQuietly } from './processes.ts'
import type { ProcessFacts } from './processes.ts'

/** Enough to find a tree again after the launcher that started it is gone. */
export interface TreeId {
  readonly pid: number
  readonly startTime: string
  readonly boot: string
  readonly cgroup: string | null
  /** A `NAME=value` entry that every process of the tree has in its environment, unless it threw it away. */
  readonly marker: string
}

/** `thorough` walks over all processes of the machine where there is no control group. */
export type Look = 'quick' | 'thorough'

export interface Tree {
  readonly id: TreeId
  /** Whether anything of it lives. Without a control group, `quick` looks at the process group only. */
  isAlive(look: Look): boolean
  /** Whether even a quick look misses nothing. */
  readonly isExact: boolean
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

export function treeOf(id: TreeId): Tree {
  return id.cgroup === null ? looseTree(id) : groupedTree(id, id.cgroup)
}

function groupedTree(id: TreeId, cgroup: string): Tree {
  return {
    id,
    isExact: true,
    isAlive: () => readOr(join(cgroup, 'cgroup.events'), '').includes('populated 1'),
    signal: (signal) => {
      if (signal === 'SIGKILL' && write(join(cgroup, 'cgroup.kill'), '1')) return
      for (const pid of readOr(join(cgroup, 'cgroup.procs'), '').split('\n'))
        if (pid !== '') signalQuietly(Number(pid), signal)
    },
  }
}

function looseTree(id: TreeId): Tree {
  const members = () => membersOf([id], livingProcesses())
  return {
    id,
    isExact: false,
    isAlive: (look) => (ownsGroup(id) && groupIsAlive(id.pid)) || (look === 'thorough' && members().length > 0),
    signal: (signal) => {
      // The group at once, so that nothing forks on between the walk and the signals.
      if (ownsGroup(id)) signalQuietly(-id.pid, signal)
      for (const member of members()) signalQuietly(member.pid, signal)
    },
  }
}

/** Session, group, descendants and marker: each finds some that the others miss. */
export function membersOf(ids: readonly TreeId[], processes: readonly ProcessFacts[]): readonly ProcessFacts[] {
  const roots = new Set(ids.filter((id) => ownsGroup(id)).map((id) => id.pid))
  const markers = new Set(ids.map((id) => id.marker))
  const found = new Map<number, ProcessFacts>()
  for (const one of processes) {
    if (one.pid === process.pid) continue
    if (roots.has(one.session) || roots.has(one.group) || carriesMarker(one.pid, markers)) found.set(one.pid, one)
  }
  for (let before = -1; before < found.size; ) {
    before = found.size
    for (const one of processes) if (found.has(one.parent) && one.pid !== process.pid) found.set(one.pid, one)
  }
  return [...found.values()]
}

/** False once the pid may belong to somebody else: then neither the group nor the session is ours. */
function ownsGroup(id: TreeId): boolean {
  if (id.boot !== bootIdNow()) return false
  const now = factsOf(id.pid)
  return now === null || now.startTime === id.startTime
}

let boot: string | null = null
export function bootIdNow(): string {
  boot ??= bootId()
  return boot
}

/** Written into a group's list of processes, it means whoever writes. */
const SELF = '0'

/** Control groups for commands, below the launcher's own. Null where the kernel or its rights do not allow it. */
export class ControlGroups {
  readonly #own: string
  readonly #base: string
  readonly #home: string
  /** Empty again, to be used again: removing one costs more than a whole command. */
  readonly #free: string[] = []
  readonly #files = new Map<string, number>()
  readonly #buffer = Buffer.alloc(256)
  /** Whether the launcher is in the group of a command, for the rest of this turn at most. */
  #isInside = false
  #made = 0

  private constructor(own: string, name: string) {
    this.#own = own
    this.#base = join(own, `holdpoint-${name}`)
    this.#home = join(this.#base, 'launcher')
  }

  /** Tries the whole round once: make, enter, leave, remove. */
  static open(name: string): ControlGroups | null {
    const own = ownGroup()
    if (own === null) return null
    const groups = new ControlGroups(own, name)
    try {
      endStaleGroups(groups.#base)
      mkdirSync(groups.#home, { recursive: true })
      const probe = groups.enter()
      writeFileSync(join(groups.#home, 'cgroup.procs'), String(process.pid))
      groups.#isInside = false
      const isExact = readFileSync(join(probe, 'cgroup.events'), 'latin1').includes('populated 0')
      removeGroup(probe)
      if (isExact) return groups
    } catch {
      // No right to do this here: trees are found by other means.
    }
    groups.close()
    return null
  }

  /** Puts the launcher into an empty group: what it starts until `leave` is born inside, without a moment outside. */
  enter(): string {
    const group = this.#free.pop() ?? this.#make()
    writeSync(this.#fileOf(group, 'cgroup.procs', 'w'), SELF)
    this.#isInside = true
    return group
  }

  /** When this turn is over: of several commands started in one turn, each takes us out of the group of the one before. */
  leaveSoon(): void {
    process.nextTick(() => this.#leave())
  }

  /** The tree of a command that was started inside. */
  treeOf(id: TreeId & { readonly cgroup: string }): Tree {
    const tree = groupedTree(id, id.cgroup)
    return {
      ...tree,
      isAlive: () => this.#isPopulated(id.cgroup),
      signal: (signal) => {
        // Or we would be among those who are signalled.
        this.#leave()
        tree.signal(signal)
      },
    }
  }

  #isPopulated(group: string): boolean {
    this.#leave()
    const size = readSync(this.#fileOf(group, 'cgroup.events', 'r'), this.#buffer, 0, this.#buffer.length, 0)
    return this.#buffer.toString('latin1', 0, size).includes('populated 1')
  }

  /** Only when nothing lives in it. */
  giveBack(group: string): void {
    this.#free.push(group)
  }

  /** Back to where we were started, leaving no trace in the kernel. */
  close(): void {
    write(join(this.#own, 'cgroup.procs'), String(process.pid))
    for (const entry of foldersIn(this.#base)) removeGroup(join(this.#base, entry))
    removeGroup(this.#base)
  }

  #make(): string {
    this.#made += 1
    const group = join(this.#base, `${process.pid}-${this.#made}`)
    mkdirSync(group)
    return group
  }

  /** A launcher that stayed inside would be killed together with the command: it stops, and the attempt is lost. */
  #leave(): void {
    if (!this.#isInside) return
    this.#isInside = false
    try {
      writeSync(this.#fileOf(this.#home, 'cgroup.procs', 'w'), SELF)
    } catch {
      console.error('the launcher cannot leave the control group of a command')
      process.exit(70)
    }
  }

  /** Kept open: groups are used again and again. */
  #fileOf(group: string, name: 'cgroup.procs' | 'cgroup.events', flags: 'r' | 'w'): number {
    const path = join(group, name)
    const known = this.#files.get(path)
    if (known !== undefined) return known
    const file = openSync(path, flags)
    this.#files.set(path, file)
    return file
  }
}

/** One launcher at a time owns these groups: what an earlier one left in them has no supervisor any more. */
function endStaleGroups(base: string): void {
  for (const entry of foldersIn(base)) {
    write(join(base, entry, 'cgroup.kill'), '1')
    removeGroup(join(base, entry))
  }
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}

/** Our group in the one hierarchy that knows `cgroup.events`: the unified one, alone or beside the old ones. */
function ownGroup(): string | null {
  const path = /^0::(.*)$/m.exec(readOr('/proc/self/cgroup', ''))?.[1]
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readOr('/proc/self/mounts', ''))?.[1]
  return path === undefined || mount === undefined ? null : join(mount, path)
}

/** Removes a control group that nobody is in; one that is still needed stays. */
export function removeGroup(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Somebody is still in it, or it is gone: the next launcher removes what is left.
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return otherwise
  }
}

function write(path: string, text: string): boolean {
  try {
    writeFileSync(path, text)
    return true
  } catch {
    return false
  }
}
