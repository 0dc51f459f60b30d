/** What a new launcher does about attempts whose launcher is gone: ends what is left of them, and calls them lost. */
import { setTimeout as pause } from 'node:timers/promises'
import { livingProcesses, signalQuietly } from './processes.ts'
import type { Spool } from './spool.ts'
import { lostResult, markerOf } from './supervisor.ts'
import { bootIdNow, membersOf, treeOf } from './tree.ts'
import type { TreeId } from './tree.ts'

const ROUNDS = 500
const ROUND_MS = 20

/** Resolves before the launcher answers anybody: nobody may learn `lost` while the command still works. */
export async function recover(spool: Spool, now: () => number): Promise<number> {
  const unfinished = spool.unfinished()
  if (unfinished.length === 0) return 0
  const ids = unfinished.map(({ folder, started }) => started?.tree ?? unknownTree(markerOf(folder)))
  const alive = await endAll(ids)
  for (const { folder, started } of unfinished) {
    const why =
      alive === 0 ? 'the launcher was gone before the command ended; nothing of it is alive' : stillAlive(alive)
    const kept = {
      stdout: spool.savedOutput(folder, 'stdout'),
      stderr: spool.savedOutput(folder, 'stderr'),
      startedAt: started?.startedAt ?? now(),
    }
    spool.finish(folder, lostResult(why, now(), kept))
  }
  return unfinished.length
}

function stillAlive(count: number): string {
  return `the launcher was gone before the command ended; ${count} processes are still alive although they were killed`
}

/** Kills until nothing is left; the number of processes that refuse to die. */
async function endAll(ids: readonly TreeId[]): Promise<number> {
  for (let round = 0; ; round += 1) {
    const grouped = ids.filter((id) => id.cgroup !== null).map((id) => treeOf(id))
    const groupsAlive = grouped.filter((tree) => tree.isAlive('thorough'))
    const members = membersOf(ids, livingProcesses())
    if (groupsAlive.length === 0 && members.length === 0) return 0
    if (round === ROUNDS) return Math.max(members.length, groupsAlive.length)
    for (const tree of groupsAlive) tree.signal('SIGKILL')
    for (const member of members) signalQuietly(member.pid, 'SIGKILL')
    await pause(ROUND_MS)
  }
}

/** Its launcher died before it could write down the process: only the marker tells. */
function unknownTree(marker: string): TreeId {
  return { pid: -1, startTime: '', boot: `not ${bootIdNow()}`, cgroup: null, marker }
}
