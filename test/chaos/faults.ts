/** What is done to a site while it works: each fault ends with everything running again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rng } from '../../sim/rng.ts'
import type { Replica } from './replica.ts'
import type { Site } from './site.ts'

/** One fault; says what it did. */
export type Fault = (site: Site, rng: Rng) => Promise<string>

/** Longer than the lease of these tests. */
const frozenMs = 3_500

const kill: Fault = async ({ replicas }, rng) => {
  const victim = rng.pick(replicas)
  await victim.end('SIGKILL')
  await sleep(rng.int(0, 1_500))
  await victim.start()
  return `kill ${nameOf(replicas, victim)}`
}

const killAll: Fault = async ({ replicas }) => {
  await Promise.all(replicas.map((replica) => replica.end('SIGKILL')))
  await Promise.all(replicas.map((replica) => replica.start()))
  return 'kill all replicas'
}

/** Some are asked once more, as impatient people do. */
const term: Fault = async ({ replicas }, rng) => {
  const victim = rng.pick(replicas)
  const ended = victim.end('SIGTERM')
  const times = rng.int(0, 2)
  for (let time = 0; time < times; time += 1) {
    await sleep(rng.int(1, 100))
    victim.kill(rng.pick(['SIGTERM', 'SIGINT']))
  }
  const code = await ended
  // A signal that comes when everything is done and only the process itself is left to end is as good.
  const isInOrder = code === 0 || victim.log.endsWith(' ended\n')
  await victim.start()
  if (!isInOrder) throw new Error(`${nameOf(replicas, victim)} was asked to end and ended with ${code}`)
  return `end ${nameOf(replicas, victim)}, asked ${times + 1} times`
}

const freeze: Fault = async ({ replicas }, rng) => {
  const victim = rng.pick(replicas)
  victim.kill('SIGSTOP')
  await sleep(frozenMs)
  victim.kill('SIGCONT')
  return `freeze ${nameOf(replicas, victim)} for ${frozenMs} ms`
}

const restartDatabase: Fault = async ({ cluster }, rng) => {
  const how = rng.pick(['fast', 'SIGKILL'] as const)
  await cluster?.stop(how)
  await sleep(rng.int(0, 500))
  await cluster?.start()
  return `restart the database (${how})`
}

const cutSessions: Fault = async ({ cluster }, rng) => {
  const share = rng.pick([0.3, 1])
  const cut = await cluster?.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdpoint' AND random() < ${share}`,
  )
  return `terminate ${cut?.length ?? 0} sessions`
}

/** For a while the new version is bad: whatever is being rolled out goes back. */
const breach: Fault = async ({ target }) => {
  target.failures = 10
  await sleep(1_500)
  target.failures = 0
  return 'breach'
}

/** The receiver of messages is down for a while. */
const deafen: Fault = async ({ target }) => {
  target.hookStatus = 503
  await sleep(1_500)
  target.hookStatus = 200
  return 'the receiver of messages says 503'
}

const killWorker: Fault = async ({ workers }, rng) => {
  const victim = rng.pick(workers)
  await victim.kill()
  await sleep(rng.int(0, 1_500))
  victim.start()
  return `kill ${victim.name}; its commands go on`
}

const killMachine: Fault = async ({ workers }, rng) => {
  const victim = rng.pick(workers)
  await victim.killMachine()
  await sleep(rng.int(0, 1_500))
  victim.start()
  return `kill ${victim.name} with all that it runs`
}

/** Longer than a worker may be silent: what it has is lost, and then it wakes up. */
const freezeWorker: Fault = async ({ workers }, rng) => {
  const victim = rng.pick(workers)
  const isMachine = rng.chance(0.5)
  const signal = (name: NodeJS.Signals) => (isMachine ? victim.signalMachine(name) : victim.signal(name))
  signal('SIGSTOP')
  await sleep(frozenMs)
  signal('SIGCONT')
  return `freeze ${victim.name}${isMachine ? ' with all that it runs' : ''} for ${frozenMs} ms`
}

const cutLink: Fault = async ({ workers }, rng) => {
  const victim = rng.pick(workers)
  const state = rng.pick(['cut', 'silent'] as const)
  const ms = rng.pick([500, frozenMs])
  victim.link.set(state)
  await sleep(ms)
  victim.link.set('open')
  return `the network of ${victim.name} is ${state} for ${ms} ms`
}

export const ofWorkers: readonly Fault[] = [
  killWorker,
  killMachine,
  killMachine,
  freezeWorker,
  freezeWorker,
  cutLink,
  cutLink,
]
export const ofReplicas: readonly Fault[] = [kill, kill, killAll, term, freeze, freeze, breach, deafen]
export const ofDatabase: readonly Fault[] = [restartDatabase, restartDatabase, cutSessions]

function nameOf(replicas: readonly Replica[], replica: Replica): string {
  return `replica ${replicas.indexOf(replica)}`
}
