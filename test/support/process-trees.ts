/** Processes of a test with all that they started: found, and sent a signal to, by their ids. */
import { readdirSync, readFileSync } from 'node:fs'

/** Process ids of the launchers that work in a folder. */
export function launchersOf(folder: string): readonly number[] {
  return pids().filter((pid) => {
    const words = commandLine(pid)
    return words.includes(folder) && words.some((word) => word.includes('launcher/main'))
  })
}

/** The process and everything below it. */
export function treeOf(root: number): readonly number[] {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]))
  const below = (pid: number): readonly number[] => [
    pid,
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ]
  return below(root)
}

export function signalAll(targets: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of targets)
    try {
      process.kill(pid, signal)
    } catch {
      // Gone by itself.
    }
}

function pids(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
