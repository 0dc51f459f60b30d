/** Releases on several lanes while faults come one after another; then calm, the end of all releases, and the evidence. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Rng } from '../../sim/rng.ts'
import type { ReleaseView } from '../../src/report/view.ts'
import { wholeRelease } from './checklists.ts'
import type { Fault } from './faults.ts'
import { evidenceOf } from './evidence.ts'
import { broken, type Evidence, statesOf } from './history.ts'
import { type Acknowledged, decide, play, startRelease, playOn } from './play.ts'
import { persist, type Site } from './site.ts'

export interface StormGiven {
  readonly seed: number
  readonly lanes: number
  readonly faults: readonly Fault[]
  /** No fault comes after so many, or after this time, whichever is first. */
  readonly mostFaults: number
  readonly mostMs: number
  readonly say?: (line: string) => void
}

export interface Weathered {
  readonly broken: readonly string[]
  readonly faults: readonly string[]
  readonly releases: number
  readonly effects: number
  /** How releases ended, counted. */
  readonly phases: Readonly<Record<string, number>>
}

export async function storm(site: Site, given: StormGiven): Promise<Weathered> {
  const rng = new Rng(given.seed)
  const calm = new AbortController()
  const acknowledged: Acknowledged[] = []
  const lanes = Array.from({ length: given.lanes }, (_, lane) =>
    playLane(site, lane, rng.fork(), calm.signal, acknowledged),
  )
  const done = Promise.all(lanes)
  done.catch(() => calm.abort())
  const whole = async () => {
    const told = await disturb(site, rng, given, calm)
    await done
    return { faults: told, views: await lastViews(site, releasesOf(acknowledged)) }
  }
  const { faults, views } = await whole().catch(async (cause: unknown) =>
    Promise.reject(new Error(await tell(site, cause), { cause })),
  )
  await Promise.all(site.replicas.map((replica) => replica.end('SIGTERM')))
  const evidence: Evidence = { ...(await evidenceOf(site)), acknowledged, views }
  const states = statesOf(evidence.log)
  return {
    broken: [
      ...broken(evidence),
      ...site.seen.wrong,
      ...site.replicas.flatMap((replica, index) => replica.bugs.map((line) => `replica ${index}: ${line}`)),
      ...site.workers.flatMap(({ name, bugs }) => bugs.map((line) => `${name}: ${line}`)),
    ],
    faults,
    releases: states.length,
    effects: site.target.effects.length,
    phases: countOf(states.map(({ phase }) => phase)),
  }
}

async function disturb(
  site: Site,
  rng: Rng,
  { faults, mostFaults, mostMs, say = () => {} }: StormGiven,
  calm: AbortController,
): Promise<readonly string[]> {
  const told: string[] = []
  const endsAt = performance.now() + mostMs
  while (told.length < mostFaults && performance.now() < endsAt && !calm.signal.aborted) {
    await sleep(rng.int(200, 1_500))
    const what = await rng.pick(faults)(site, rng)
    told.push(what)
    say(what)
  }
  calm.abort()
  return told
}

/** One release after another of a service of its own, as long as the storm lasts; one at least. */
async function playLane(
  site: Site,
  lane: number,
  rng: Rng,
  calm: AbortSignal,
  acknowledged: Acknowledged[],
): Promise<void> {
  const text = wholeRelease({ service: `shop-${lane}`, port: site.target.port, isRolledOut: lane % 3 !== 2 })
  for (let turn = 0; turn === 0 || !calm.aborted; turn += 1) {
    const key = `lane-${lane}-${turn}`
    const isAborted = rng.chance(0.2)
    const afterMs = rng.int(0, 5_000)
    acknowledged.push(
      ...(isAborted ? await abortSometime(site, text, key, afterMs) : (await play(site, text, key)).acknowledged),
    )
  }
}

async function abortSometime(site: Site, text: string, key: string, afterMs: number): Promise<readonly Acknowledged[]> {
  const release = await startRelease(site, text, key)
  const abort = { kind: 'Abort', why: 'somebody saw smoke', leave: false, typed: null }
  const aborting = sleep(afterMs).then(() => persist(() => decide(site, release, { by: 'cleo', command: abort })))
  const [played, { status, body }] = await Promise.all([playOn(site, release), aborting])
  const code = body['code']
  if (status !== 200 && !['ended', 'already-rolling-back', 'stale-view'].some((one) => one === code))
    throw new Error(`an abort of ${release} was answered with ${status} ${JSON.stringify(body)}`)
  return played.acknowledged
}

/** What somebody who has to find the fault wants to see. */
async function tell(site: Site, cause: unknown): Promise<string> {
  const log = await evidenceOf(site).then(
    ({ log: all }) => all,
    () => [],
  )
  const open = new Set(statesOf(log).flatMap(({ id, endedAt }) => (endedAt === null ? [`release/${id}`] : [])))
  const last = [...open].flatMap((stream) => log.filter((event) => event.stream === stream).slice(-6))
  return [
    String(cause),
    ...last.map(
      ({ stream, version, at, event }) =>
        `${new Date(at).toISOString()} ${stream} ${version} ${JSON.stringify(event).slice(0, 300)}`,
    ),
    ...site.replicas.map(({ story, pid }, index) => `replica ${index} (${pid}):\n${story}`),
    ...site.workers.map(({ name, story }) => `${name}:\n${story}`),
  ].join('\n')
}

function releasesOf(acknowledged: readonly Acknowledged[]): readonly string[] {
  return [...new Set(acknowledged.map(({ release }) => release))]
}

/** Every replica must come to show the end; messages may be under way a little longer. */
async function lastViews(site: Site, releases: readonly string[]) {
  const views: { replica: string; view: ReleaseView }[] = []
  for (const release of releases)
    for (const [index, { url }] of site.replicas.entries()) {
      const { body } = await persist(() => site.caller('ana').at(url).get(`/v1/releases/${release}`))
      views.push({ replica: `replica ${index}`, view: body as unknown as ReleaseView })
    }
  return views
}

function countOf(words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]))
}
