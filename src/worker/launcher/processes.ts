/** What /proc knows about processes: who is alive, since when, whose child, with which marker in its environment. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessFacts {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** In clock ticks since boot: with the pid and the boot, it names a process for ever. */
  readonly startTime: string
  readonly isZombie: boolean
}

export function factsOf(pid: number): ProcessFacts | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The name in parentheses may contain anything, so fields are counted from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group, session] = fields
  const startTime = fields[19]
  if (startTime === undefined) return null
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
    isZombie: state === 'Z' || state === 'X',
  }
}

/** Names this run of the machine; pids of another boot mean nothing. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return 'unknown'
  }
}

export function livingProcesses(): readonly ProcessFacts[] {
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return []
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map((name) => factsOf(Number(name)))
    .filter((facts) => facts !== null && !facts.isZombie) as ProcessFacts[]
}

/** Whether the process was started with one of these `NAME=value` entries; false for processes of other users. */
export function carriesMarker(pid: number, markers: ReadonlySet<string>): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .some((entry) => markers.has(entry))
  } catch {
    return false
  }
}

/** Sends a signal; a process or group that is gone already is no fault. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone, or never ours.
  }
}

export function groupIsAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
