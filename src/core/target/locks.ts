/** What a release has to hold while it acts somewhere: the target itself, and the locks that its environment shares with other services. */
import type { Plan } from '../plan/plan.ts'
import type { StreamId } from '../ports/store.ts'
import { targetStream } from './target.ts'

/** A lock that services of one project share; names of two projects never meet. null = local releases. */
export function lockStream(project: string | null, name: string): StreamId {
  return `lock/${project ?? '-'}/${name}`
}

/** The target comes first. Held together or not at all. */
export function streamsToHold(
  { service, environments }: Pick<Plan, 'service' | 'environments'>,
  environment: string,
  project: string | null,
): readonly [StreamId, ...StreamId[]] {
  const locks = environments[environment]?.locks ?? []
  return [targetStream(service, environment), ...locks.map((name) => lockStream(project, name))]
}

/** Of the stream of a target. The names of environments have no slash. */
export function placeOfStream(stream: StreamId): { readonly service: string; readonly environment: string } {
  const parts = stream.split('/')
  return { service: parts.slice(1, -1).join('/'), environment: parts.at(-1) ?? '' }
}

/** As people read it: `checkout in production`, `the lock shop-cluster`. */
export function nameOfStream(stream: StreamId): string {
  const [kind, ...rest] = stream.split('/')
  if (kind === 'lock') return `the lock ${rest.slice(1).join('/')}`
  const { service, environment } = placeOfStream(stream)
  return `${service} in ${environment}`
}
