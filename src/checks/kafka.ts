/** `yaml check kind: kafka`: every broker answers, and every partition of the topics has a leader and copies that keep up. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { askCluster, askVersions, type Cluster, type Topic } from './kafka-session/protocol.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, fill } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { tlsFields, tlsOf } from './parts/place-fields.ts'
import { oneLine } from './parts/say.ts'
import { faultResult, openWire, type Wire, type WireTls } from './parts/wire.ts'

const config = z.strictObject({
  hosts: z
    .array(
      z.string().regex(/^[^\s/]+:(\d{1,5}|\{\{.*\}\})$|^\{\{[^}]*\}\}$/, {
        error: 'expected a host and port such as kafka-1:9092',
      }),
    )
    .min(1)
    .max(100)
    .describe('Brokers; each has to answer'),
  ...tlsFields,
  brokers: z.number().int().min(1).optional().describe('Least brokers in the cluster'),
  topics: z
    .array(z.string().regex(/^[A-Za-z0-9._-]{1,249}$|\{\{/, { error: 'expected the name of a topic' }))
    .default([])
    .describe('Each exists, and every partition of it has a leader'),
  'in-sync': z.number().int().min(1).optional().describe('Least copies that keep up, of every partition of the topics'),
})

type Config = z.infer<typeof config>

export const kafka = defineCheck({
  kind: 'kafka',
  summary: 'Every broker answers, and every partition of the topics has a leader and copies that keep up',
  config,
  needs: ['place', 'files'],
  timeoutMs: 20_000,
  example:
    '```yaml check expect="under_replicated == 0"\nkind: kafka\nhosts: ["kafka-1:9092", "kafka-2:9092", "kafka-3:9092"]\nbrokers: 3\ntopics: [orders, payments]\nin-sync: 2\n```',
  facts: {
    brokers: 'int',
    controller: 'int',
    topics: 'map',
    partitions: 'int',
    without_leader: 'int',
    under_replicated: 'int',
  },
  async run(given, powers) {
    const asked = await askAll(given, powers)
    if ('result' in asked) return asked.result
    const { clusters } = asked
    const first = clusters[0]
    if (first === undefined) throw new Error('bug: no broker was asked')
    return decide(first, namesOf(given, powers), given, powers)
  },
  async probe(given, powers) {
    const asked = await askAll(given, powers)
    if ('result' in asked) return { ok: false, say: asked.result.say }
    return { ok: true, say: `${asked.clusters.length} brokers answer` }
  },
})

type Asked = { readonly result: CheckResult } | { readonly clusters: readonly Cluster[] }

/** One after the other: the first that does not answer is the one that is said. */
async function askAll(given: Config, powers: CheckPowers): Promise<Asked> {
  const tls = await tlsOf(given, powers)
  const clusters: Cluster[] = []
  for (const host of given.hosts) {
    const where = fill(host, powers.variables)
    if (!/^[^\s/]+:\d{1,5}$/.test(where)) throw new ConfigFault(`${host} does not come out as a host and port`)
    powers.progress(`asking ${where}`)
    try {
      clusters.push(await askOne(where, tls, given, powers))
    } catch (error) {
      return { result: faultResult(where, error, powers.signal) }
    }
  }
  return { clusters }
}

async function askOne(where: string, tls: WireTls | null, given: Config, powers: CheckPowers): Promise<Cluster> {
  const place = await powers.place(`tcp://${where}`)
  const wire: Wire = await openWire(place, tls, powers.signal)
  try {
    return await askCluster(wire, await askVersions(wire), namesOf(given, powers))
  } finally {
    wire.end()
  }
}

function namesOf(given: Config, powers: CheckPowers): readonly string[] {
  return given.topics.map((name) => fill(name, powers.variables))
}

function decide(cluster: Cluster, names: readonly string[], given: Config, powers: CheckPowers): CheckResult {
  const topics = cluster.topics.filter(({ name }) => names.includes(name))
  const partitions = topics.flatMap((topic) => topic.partitions)
  const lagging = partitions.filter(({ inSync, replicas }) => inSync.length < replicas.length)
  const facts: Record<string, Json> = {
    brokers: cluster.brokers.length,
    controller: cluster.controller,
    topics: Object.fromEntries(topics.map(({ name, partitions: own }) => [name, own.length])),
    partitions: partitions.length,
    without_leader: partitions.filter(({ leader }) => leader < 0).length,
    under_replicated: lagging.length,
  }
  const evidence = textEvidence(
    'cluster.json',
    `${JSON.stringify({ ...cluster, topics }, null, 2)}\n`,
    'application/json',
  )
  const problems = [
    ...brokerProblems(cluster, given),
    ...names.flatMap((name) =>
      topicProblems(
        name,
        topics.find((topic) => topic.name === name),
        given,
      ),
    ),
  ]
  if (problems.length > 0) return { outcome: 'failed', say: oneLine(problems.join('; ')), evidence, facts }
  const seen = [
    `${cluster.brokers.length} brokers`,
    ...(names.length === 0 ? [] : [`${partitions.length} partitions of ${names.length} topics, each with a leader`]),
  ]
  return judged(powers, facts, {
    say: oneLine(`${given.hosts.length} of ${given.hosts.length} answer: ${seen.join(', ')}`),
    evidence,
  })
}

function brokerProblems({ brokers }: Cluster, given: Config): readonly string[] {
  const least = given.brokers ?? 1
  return brokers.length >= least ? [] : [`${brokers.length} brokers are in the cluster, expected at least ${least}`]
}

function topicProblems(name: string, topic: Topic | undefined, given: Config): readonly string[] {
  // 3 = it is not known.
  if (topic === undefined || topic.error === 3) return [`there is no topic ${name}`]
  if (topic.error !== 0) return [`the topic ${name} is answered with error ${topic.error}`]
  if (topic.partitions.length === 0) return [`the topic ${name} has no partition`]
  const least = given['in-sync'] ?? 0
  const few = topic.partitions.filter(({ inSync }) => inSync.length < least)
  const orphans = topic.partitions.filter(({ leader }) => leader < 0)
  return [
    ...(orphans.length === 0 ? [] : [`${sayPartitions(orphans)} of ${name} has no leader`]),
    ...(few.length === 0
      ? []
      : [
          `${sayPartitions(few)} of ${name} has ${few[0]?.inSync.length} copies that keep up, expected at least ${least}`,
        ]),
  ]
}

function sayPartitions(list: Topic['partitions']): string {
  const more = list.length === 1 ? '' : ` and ${list.length - 1} more`
  return `partition ${list[0]?.number}${more}`
}
