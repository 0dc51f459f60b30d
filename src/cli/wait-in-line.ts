/** Waits with a start that stands in line until its turn has come, and says whenever its place or the holder changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiFault, type Client, type TargetView } from '../api/client-types.ts'
import type { Context } from './context.ts'
import { Refused, type ExitCode } from './faults.ts'
import { clockText } from './targets-text.ts'
import { wrap } from './terminal/text.ts'

const LOOK_EVERY_MS = 1_000
const PASSING: ReadonlySet<string> = new Set(['lost', 'store-fault'])

export interface InLine {
  readonly release: string
  readonly service: string
  readonly environment: string
  /** Longest wait for its turn; null = until it comes, or somebody goes. */
  readonly waitMs: number | null
}

/** Resolves to null when the release has begun, else to the exit code. Throws Refused when it left the line without beginning. */
export async function waitInLine(context: Context, client: Client, start: InLine): Promise<ExitCode | null> {
  const leaving = new AbortController()
  const detach = () => leaving.abort()
  process.once('SIGINT', detach)
  process.once('SIGTERM', detach)
  const say = context.json ? context.err : context.out
  let said = ''
  const ends = start.waitMs === null ? Number.POSITIVE_INFINITY : Date.now() + start.waitMs
  try {
    while (!leaving.signal.aborted) {
      const line = await look(client, start)
      if (line === null) return null
      if (line !== said) for (const row of wrap(line, context.paper().width)) say(row)
      said = line
      if (Date.now() >= ends) break
      await sleep(LOOK_EVERY_MS, undefined, { signal: leaving.signal }).catch(() => undefined)
    }
  } finally {
    process.off('SIGINT', detach)
    process.off('SIGTERM', detach)
  }
  context.err(
    `${start.release} stands in line and begins by itself; to take it out: holdpoint release leave-queue ${start.release}`,
  )
  return leaving.signal.aborted ? 130 : 3
}

/** Where it stands, in a line; null = it has begun. */
async function look(client: Client, { release, service, environment }: InLine): Promise<string | null> {
  try {
    if ((await client.show(release)) !== null) return null
    const [target] = await client.targets({ service, environment })
    return target ? standing(target, release) : ''
  } catch (fault) {
    // The start keeps its place whoever goes away meanwhile: an engine that ends, a server that is started again.
    if (fault instanceof ApiFault && PASSING.has(fault.code)) return `no answer (${fault.message}), trying again`
    throw fault
  }
}

function standing(target: TargetView, release: string): string {
  const place = target.line.find((each) => each.release === release)
  if (place) {
    const { holder } = target
    return holder === null
      ? `in line for ${target.name}: ${place.say}`
      : `in line for ${target.name}: ${place.say} (held by ${holder.release} since ${clockText(holder.since)}: ${holder.now})`
  }
  const gone = target.withdrawn.find((each) => each.release === release)
  if (gone) throw new Refused(`${release} left the line without beginning: ${gone.why}`, 'not-in-line', 1)
  return `${release}: its turn has come`
}
