/** What one look at a cluster says about each question of `kubernetes`: fine, not yet, or never by waiting. */
import { type Cluster, find, findOne, needNamespace, podSelector } from '../../core/kubernetes/cluster.ts'
import type { KubernetesObject } from '../../core/kubernetes/api.ts'
import { conditionOf, fieldAt, listAt, nameOf, textAt } from '../../core/kubernetes/fields-of.ts'
import { pod, restartsOf, rolloutState } from '../../core/kubernetes/rollout-state.ts'
import type { Json } from '../../core/units.ts'
import type { Asked } from './settings.ts'

export interface Look {
  /** `failed` does not get better by waiting. */
  readonly state: 'done' | 'waiting' | 'failed'
  readonly say: string
  /** For the evidence. */
  readonly lines: readonly string[]
  readonly facts: Readonly<Record<string, Json>>
}

type Question = (cluster: Cluster, asked: Asked, now: number) => Promise<Look>

/** In the order in which they are told. */
export function questionsOf(asked: Asked): readonly Question[] {
  return [
    ...asked.rollout.map(
      (workload): Question =>
        (cluster) =>
          rollout(cluster, workload),
    ),
    ...(asked.pods === null ? [] : [pods]),
    ...(asked.resource === null ? [] : [asked.absent ? absent : resource]),
    ...(asked.quiet === null ? [] : [quiet]),
  ]
}

async function rollout(cluster: Cluster, workload: string): Promise<Look> {
  const { resource: kind, object } = await findOne(cluster, workload)
  const { state, say } = rolloutState(kind.kind, object)
  return { state, say, lines: [say], facts: {} }
}

async function pods(cluster: Cluster, asked: Asked): Promise<Look> {
  const selector = await podSelector(cluster, asked.pods ?? '')
  const { objects } = await find(cluster, 'pods', selector)
  // One that is ending is of the past.
  const living = objects.filter((one) => fieldAt(one, 'metadata.deletionTimestamp') === undefined)
  const states = living.map((one) => ({ one, ...pod(one) }))
  const ready = states.filter(({ state }) => state === 'done')
  const restarts = living.reduce((sum, one) => sum + restartsOf(one), 0)
  const others = asked.image === null ? [] : living.filter((one) => !runs(one, asked.image ?? ''))
  const where = asked.pods === 'all' ? `in ${cluster.namespace}` : `of ${asked.pods}`
  const problem =
    living.length < asked.atLeast
      ? `${living.length} pods ${where}, at least ${asked.atLeast} expected`
      : ready.length < living.length
        ? `${ready.length} of ${living.length} pods ${where} are ready; ${states.find(({ state }) => state !== 'done')?.say}`
        : others.length > 0
          ? `${others.length} of ${living.length} pods ${where} do not run ${asked.image}, such as ${nameOf(others[0] ?? {})}`
          : asked.maxRestarts !== null && restarts > asked.maxRestarts
            ? `${restarts} restarts of the pods ${where}, at most ${asked.maxRestarts}`
            : null
  const isTooMany = asked.maxRestarts !== null && restarts > asked.maxRestarts
  return {
    state: problem === null ? 'done' : isTooMany ? 'failed' : 'waiting',
    say: problem ?? `all ${living.length} pods ${where} are ready`,
    lines: states.map(({ one, say }) => `${say}, ${restartsOf(one)} restarts, ${imagesOf(one).join(' ')}`),
    facts: { pods: living.length, pods_ready: ready.length, restarts },
  }
}

function imagesOf(object: KubernetesObject): readonly string[] {
  return listAt(object, 'spec.containers').map((one) => textAt(one, 'image'))
}

function runs(object: KubernetesObject, image: string): boolean {
  return imagesOf(object).includes(image)
}

async function resource(cluster: Cluster, asked: Asked, now: number): Promise<Look> {
  const what = asked.resource ?? ''
  const { objects } = await find(cluster, what, asked.selector)
  const fresh = objects.filter((one) => isYoung(one, asked.newerThanMs, now))
  const lines = objects.map(
    (one) => `${nameOf(one)} ${textAt(one, 'metadata.creationTimestamp')}${stateOf(one, asked)}`,
  )
  const values = asked.field === null ? [] : fresh.map((one) => fieldAt(one, asked.field ?? '') ?? null)
  const facts = { count: objects.length, value: small(values[0] ?? null) }
  const answer = (state: Look['state'], say: string): Look => ({ state, say, lines, facts })
  if (fresh.length < asked.atLeast) return answer('waiting', tooFew(what, cluster.namespace, objects, fresh, asked))
  for (const one of fresh) {
    const problem = problemOf(one, asked)
    if (problem === null) continue
    return answer(problem.isFinal ? 'failed' : 'waiting', `${nameOf(one)}: ${problem.say}`)
  }
  const only = fresh.length === 1 ? `${what.split('/')[0]}/${nameOf(fresh[0] ?? {})}` : `all ${fresh.length} ${what}`
  return answer('done', `${only} ${goodOf(asked)}`)
}

/** Facts are kept with every attempt: the whole of a large object is none. */
function small(value: Json): Json {
  return JSON.stringify(value).length <= 4_000 ? value : null
}

function tooFew(
  what: string,
  namespace: string,
  all: readonly KubernetesObject[],
  fresh: readonly KubernetesObject[],
  { atLeast, newerThan }: Asked,
): string {
  if (all.length === 0 && what.includes('/')) return `there is no ${what} in ${namespace}`
  const young = newerThan === null ? '' : ` younger than ${newerThan}`
  return `${fresh.length} of ${all.length} ${what} in ${namespace} are there${young}, at least ${atLeast} expected`
}

function isYoung(object: KubernetesObject, newerThanMs: number | null, now: number): boolean {
  if (newerThanMs === null) return true
  const at = Date.parse(textAt(object, 'metadata.creationTimestamp'))
  return Number.isFinite(at) && now - at <= newerThanMs
}

function stateOf(object: KubernetesObject, { field, condition }: Asked): string {
  const said = condition === null ? '' : ` ${condition}=${conditionOf(object, condition)?.status ?? 'not said'}`
  return field === null ? said : `${said} ${field}=${JSON.stringify(fieldAt(object, field) ?? null)}`
}

function problemOf(
  object: KubernetesObject,
  { field, is, failsAt, condition }: Asked,
): { readonly say: string; readonly isFinal: boolean } | null {
  if (condition !== null) {
    const found = conditionOf(object, condition)
    if (found === null) return { say: `nothing says ${condition} yet`, isFinal: false }
    if (found.status !== 'True')
      return {
        say: `${condition} is ${found.status}${found.message === '' ? '' : `: ${found.message}`}`,
        isFinal: false,
      }
  }
  if (field === null) return null
  const value = fieldAt(object, field)
  if (value === undefined || value === null) return { say: `it has no ${field} yet`, isFinal: false }
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (failsAt.includes(text)) return { say: `${field} is ${text}`, isFinal: true }
  if (is.length === 0 || is.includes(text)) return null
  return { say: `${field} is ${text}, ${is.join(' or ')} expected`, isFinal: false }
}

function goodOf({ field, is, condition }: Asked): string {
  if (field !== null && is.length > 0) return `has ${field} ${is.join(' or ')}`
  if (condition !== null) return `is ${condition}`
  return 'is there'
}

async function absent(cluster: Cluster, asked: Asked): Promise<Look> {
  const what = asked.resource ?? ''
  const { objects } = await find(cluster, what, asked.selector)
  const facts = { count: objects.length }
  const names = objects.map(nameOf)
  if (names.length > 0)
    return {
      state: 'waiting',
      say: `${names.length === 1 ? `${what} is` : `${names.length} ${what} are`} still there: ${names.slice(0, 4).join(', ')}`,
      lines: names,
      facts,
    }
  // Where there is no such namespace nothing of the kind was ever there.
  await needNamespace(cluster)
  return { state: 'done', say: `there is no ${what} in ${cluster.namespace}`, lines: [], facts }
}

/** Warnings that were told, or told again, in the time. */
async function quiet(cluster: Cluster, asked: Asked, now: number): Promise<Look> {
  await needNamespace(cluster)
  const { objects } = await find(cluster, 'events', null)
  const since = now - (asked.quietMs ?? 0)
  const recent = objects.filter((one) => one['type'] === 'Warning' && !(timeOf(one) < since))
  const lines = recent.map(
    (one) =>
      `${textAt(one, 'involvedObject.kind')}/${textAt(one, 'involvedObject.name')} ${textAt(one, 'reason')}: ${textAt(one, 'message')}`,
  )
  const told = lines.filter((line) => asked.ignore === null || !asked.ignore.find(line))
  const facts = { warnings: told.length }
  if (told.length > 0)
    return { state: 'failed', say: `${told.length} warnings in ${asked.quiet}: ${told[0]}`, lines: told, facts }
  return { state: 'done', say: `no warning in ${asked.quiet}`, lines: [], facts }
}

/** NaN = it does not say, and then it counts. */
function timeOf(event: KubernetesObject): number {
  const times = ['series.lastObservedTime', 'lastTimestamp', 'eventTime', 'metadata.creationTimestamp']
  for (const name of times) {
    const at = Date.parse(textAt(event, name))
    if (Number.isFinite(at)) return at
  }
  return Number.NaN
}
