/** Numbers that must be inside limits, or as they were before. */
import type { Finding, ImportItem, Around, Recogniser } from '../item.ts'
import { byWording, finding } from '../reading/finding.ts'
import { quantitiesIn } from '../reading/quantities.ts'
import { holdsItems, isStep } from '../reading/place.ts'
import { sieved } from '../sieve/sieve.ts'

const metric = sieved(
  /\b(?:error[- ]?(?:rates?|budget)|latenc(?:y|ies)|response times?|availability|uptime|throughput|cpu|memory|disk|i\/o|bandwidth|load average|(?:cache )?hit rate|success rates?|failure rates?|completion rates?|conversion|queue (?:depth|length|size)|connections?|pool|utili[sz]ation|usage|requests?(?: rate| count|\/s)?|p9\d|p50|saturation|heartbeats?|cost|startup time|start time|execution time|runtime|rollback time|downtime|traffic|5xx|4xx|time to)\b/i,
)

const thresholds = byWording('metric-threshold', [
  {
    text: /\b(?:error rates?|response times?|latency|cpu|memory|disk|i\/o|cost|performance metrics|heartbeats?|hit rate|bandwidth|start(?:up)? time|queue depth|success rates?|availability|utili[sz]ation)\b.{0,60}\b(?:acceptable|within|normal|healthy|low|efficient\w*|reviewed|ok|good|stable|check\w*|appropriate\w*|expected)\b|\b(?:check|review|verify)\b.{0,40}\b(?:hit rate|success rate|error rate|latency|queue depth|cpu|memory)\b/i,
    unless: /\bover time\b|\bbaseline\b/i,
    why: 'It is a number; its limit has to be said.',
    confidence: 0.7,
    alsoKinds: ['aws'],
  },
  {
    text: /\bperformance metrics\b.{0,40}\b(?:normal|acceptable|range)\b/i,
    why: 'It is a number; its limit has to be said.',
    confidence: 0.72,
  },
  {
    text: /\bno new\b.{0,30}\b(?:critical |p[0-5] )?(?:errors?|issues?|exceptions?)\b.{0,40}\b(?:in|on|sentry|tracker)\b|\bshows no new\b|\bno critical errors\b.{0,40}\b(?:sentry|rollbar|bugsnag|tracker|new)\b/i,
    why: 'It is a count that must be zero.',
    confidence: 0.78,
    alsoKinds: ['http'],
  },
  {
    text: /\b(?:metrics|time series|data points)\b.{0,40}\b(?:flow\w*|recorded|preserved|continuous|accurate|correct(?: values)?|match\w*|show\w* correct)\b/i,
    why: 'It is a metric that must be there and right.',
    confidence: 0.72,
    alsoKinds: ['http', 'sql'],
  },
  {
    text: /\b(?:memory leaks?|no growth|cleanup after|leak(?:s|ing)?)\b/i,
    unless: /\bdata leak|cross-tenant|leakage\b/i,
    why: 'It is a number that must not grow.',
    confidence: 0.75,
    alsoKinds: ['metric-baseline'],
  },
  { text: /\b(?:retention)\b.{0,40}\d/i, why: 'It is a number with a limit.', confidence: 0.82, alsoKinds: ['aws'] },
  {
    text: /\balert(?:s|ing)?\s+(?:policies|rules)?\s*(?:active|configured|set up)\b|\balerting policies\b/i,
    why: 'It is a number that alerts.',
    confidence: 0.7,
    alsoKinds: ['http'],
  },
  {
    text: /\bapi calls?\b.{0,30}\bsucceed\w*/i,
    why: 'It is a share of calls that succeed.',
    confidence: 0.74,
    alsoKinds: ['http'],
  },
  { text: /^baseline:\s*~?\d/i, why: 'It is a number to start from.', confidence: 0.8, alsoKinds: ['metric-baseline'] },
  {
    text: /\b(?:user|customer)-reported issues\s*:\s*\d/i,
    why: 'It is a count that must be zero.',
    confidence: 0.75,
    alsoKinds: ['manual'],
  },
  {
    text: /\bscaling (?:appropriately|normally|as expected)\b/i,
    why: 'It is a number; its limit has to be said.',
    confidence: 0.7,
    alsoKinds: ['aws'],
  },
])

const baselines = byWording('metric-baseline', [
  {
    text: /\b(?:error rates?|latency|response times?|performance|connections?|traffic|engagement|conversion\w*|retention (?:metrics|rate)|metrics|volume|patterns|uploads?|sign-?ups?|messages|orders|queries|revenue|drop-?off|tickets|logs|failures|errors?|streams|viewers?)\b.{0,50}\b(?:stable|normal|improved|steady|unchanged|increas\w+|drop-?off|over time|consistent|as before|healthy|no drop)\b|\bnormal patterns\b|\bback to normal\b/i,
    unless: /\b(?:cpu|memory|disk|within)\b/i,
    why: 'It is compared with how it was before.',
    confidence: 0.74,
  },
  {
    text: /\bno\s+(?:\w+\s+){0,3}(?:increase|spike|drop|drop-?off|degradation|regression|change)s?\b/i,
    unless: /\btests?\b/i,
    why: 'It is compared with how it was before.',
    confidence: 0.77,
    alsoKinds: ['security-probe'],
  },
  {
    text: /\b(?:compare|compared|versus|vs\.?|against)\b.{0,60}\b(?:baseline|before|previous|pre-?release|last release)\b/i,
    why: 'It is compared with how it was before.',
    confidence: 0.8,
  },
  {
    text: /\bbaseline\b.{0,40}\b(?:captured?|recorded?|metrics|noted)\b|\b(?:capture|record|note)\b.{0,30}\bbaseline\b/i,
    why: 'The numbers of now are kept, to compare with.',
    confidence: 0.8,
    alsoKinds: ['form-field'],
  },
  { text: /\bno new error types\b/i, why: 'It is compared with how it was before.', confidence: 0.8 },
  {
    text: /\bbusiness metrics\b.{0,20}\b(?:healthy|stable|normal)\b/i,
    why: 'It is compared with how it was before.',
    confidence: 0.78,
  },
])

const elsewhere = sieved(
  /\b(?:backup|coverage|approv\w*|reviewers?|concurrent|simultaneous|viewers per|version|retention|tls|restore|rotated)\b/i,
)

/** A comparison with a number beside the name of a metric. */
function limited(item: ImportItem, around: Around): Finding | null {
  if (!isStep(item, around) || holdsItems(item)) return null
  const text = item.text.slice(0, 400)
  if (elsewhere.test(text)) return null
  const limit = quantitiesIn(text).find(
    ({ operator, unit, sense }) =>
      operator !== 'eq' && operator !== 'between' && sense !== 'age' && (unit !== '' || metric.test(text)),
  )
  const isTime = limit !== undefined && /^(?:ms|s|min)$/.test(limit.unit)
  if (!limit || (!metric.test(`${text} ${around.parent?.text ?? ''}`) && limit.unit !== '%' && !isTime)) return null
  return finding(item, around, {
    kind: 'metric-threshold',
    alsoKinds: /\bestimat/i.test(text) ? ['form-field'] : [],
    confidence: 0.84,
    why: 'It is a number with a limit; a metric source can measure it.',
  })
}

/** Numbers listed in a block below "Dashboard": what is looked at while it runs. */
function listed(item: ImportItem, around: Around): Finding | null {
  if (item.form !== 'fence' || !/^(?:|text|txt)$/.test(item.info ?? '')) return null
  const lead = `${around.previous?.text ?? ''} ${around.parent?.text ?? ''} ${item.text}`
  if (!/\b(?:dashboards?|metrics|graphs|panels|monitor)\b/i.test(lead)) return null
  const lines = (item.fences[0]?.body ?? '').split('\n').slice(0, 200)
  const numbers = lines.filter(
    (line) => /^\s*[-*•]/.test(line) && (metric.test(line) || /\berrors?\b|\btime\b/i.test(line)),
  )
  if (numbers.length < 2) return null
  const params = { metrics: numbers.map((line) => line.replace(/^\s*[-*•]\s*/, '').slice(0, 100)) }
  const kind = numbers.some((line) => /\b(?:vs\.?|versus|baseline|stable)\b/i.test(line))
    ? 'metric-baseline'
    : 'metric-threshold'
  return finding(item, around, { kind, confidence: 0.8, params, why: `It lists ${numbers.length} numbers to look at.` })
}

export const metricThreshold: Recogniser = {
  name: 'metric-threshold',
  recognise: (item, around) => limited(item, around) ?? listed(item, around) ?? thresholds(item, around),
}
export const metricBaseline: Recogniser = { name: 'metric-baseline', recognise: baselines }
