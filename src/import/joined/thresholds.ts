/** A step that names one number and its limit, outside of rollouts and watches, becomes a query with this limit. */
import type { Recognised } from '../recognise.ts'
import { limitsIn, type FoundLimit } from './limits.ts'
import { valueQuery } from './metric-queries.ts'

/** Changes the entries of `seen`. `ruled`: those whose limits are in a rollout already. */
export function proposeThresholds(seen: Recognised[], ruled: ReadonlySet<number>): void {
  const watched = new Set(seen.flatMap(({ kind, item }) => (kind === 'monitor-window' ? [item.line] : [])))
  const hasTask = seen.some(({ item }) => item.form === 'task')
  for (const [at, each] of seen.entries()) {
    const { kind, role, item, proposal, why } = each
    if (kind !== 'metric-threshold' || role !== 'step' || proposal || ruled.has(at) || item.insert === null) continue
    if ((hasTask && item.form !== 'task') || (item.parent !== null && watched.has(item.parent))) continue
    if (/^\W*(?:monitor|watch|observe)\b/i.test(item.text)) continue
    const [limit, ...others] = limitsIn(item.text)
    if (!limit || others.length > 0 || !isGood(limit) || !isWhole(limit, item.text)) continue
    seen[at] = { ...each, why: `${why} Which series it is, each run is asked.`, proposal: proposalOf(limit) }
  }
}

/** What lies on this side of the limit is good. */
function isGood({ metric, operator, isRelative }: FoundLimit): boolean {
  return !isRelative && (metric.worse === 'higher') === operator.startsWith('<')
}

const plain =
  /\b(?:api|http|service|overall|average|error|errors|rates?|response|times?|latency|latencies|requests?|percentile|p\d{2,3}|within|sla|remains?|stays?|stable|normal|is|are|at|most|below|under|less|than|the|of|for|minutes?)\b|\d+(?:\.\d+)?\s?(?:ms|s|min)?\b|[\W_]+/gi

/** Of the series of all requests only what is said of all requests: of one page, or of sockets, it would be another. */
function isWhole({ metric }: FoundLimit, text: string): boolean {
  return metric.kind === 'gauge' || text.replace(plain, '') === ''
}

function proposalOf(limit: FoundLimit): NonNullable<Recognised['proposal']> {
  const side = limit.operator.startsWith('>') ? 'above' : 'below'
  const settings = ['on=metrics', `${side}=${limit.value}${limit.unit}`, ...(limit.lasts ? [`for=${limit.lasts}`] : [])]
  const query = valueQuery(limit.metric, limit.quantile)
  return { block: `\`\`\`promql check ${settings.join(' ')}\n${query}\n\`\`\``, risk: 'reads' }
}
