/** What deliveries mean: as many as there should be, in time, each signed as it should be. */
import type { CheckPowers, CheckResult } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { textEvidence } from '../parts/evidence.ts'
import { patternOf } from '../parts/fields.ts'
import { judged } from '../parts/judged.ts'
import { oneLine, sayMillis, sayNumber } from '../parts/say.ts'
import type { Delivery, Receiver } from './receiver.ts'
import { signatureProblem, type SignatureRule } from './signature.ts'

export interface Wanted {
  readonly count: number
  /** null = more do no harm. */
  readonly atMost: number | null
  /** Of bodies that count, in RE2; null = all. */
  readonly pattern: string | null
  /** Least percentage that comes and is signed as it should. */
  readonly success: number
  /** As the author wrote it. */
  readonly within: string
  readonly settleMs: number
  /** null = signatures are not looked at. */
  readonly rule: SignatureRule | null
}

type Received = Pick<Receiver, 'deliveries' | 'strays'>

/** Facts show this many deliveries, the first ones, and this much of each; the evidence has them all. */
const mostShown = 20
const mostCharacters = 16 * 1024

/** Those that count: their body has the match, and they were not turned away by the receiver's own answer. */
export function countOf({ deliveries }: Received, wanted: Wanted): number {
  return counting(deliveries, wanted).length
}

function counting(deliveries: readonly Delivery[], { pattern }: Wanted): readonly Delivery[] {
  const accepted = deliveries.filter(({ answered }) => answered < 300)
  if (pattern === null) return accepted
  const compiled = patternOf(pattern)
  return accepted.filter((delivery) => compiled.find(textOf(delivery)))
}

export function judgeDeliveries(
  received: Received,
  wanted: Wanted,
  run: { readonly startedAt: number; readonly transcript: string },
  powers: Pick<CheckPowers, 'expect' | 'expectation' | 'signal'>,
): CheckResult {
  const counted = counting(received.deliveries, wanted)
  const problems = counted.map((delivery) => (wanted.rule === null ? null : signatureProblem(wanted.rule, delivery)))
  const good = problems.filter((problem) => problem === null).length
  const success = (100 * good) / Math.max(wanted.count, counted.length)
  const base = {
    evidence: [
      ...textEvidence('deliveries.txt', recordOf(received, run.startedAt)),
      ...textEvidence('trigger.txt', run.transcript),
    ],
    facts: factsOf(counted, problems, { good, success }, run.startedAt),
  }
  const seen = `${counted.length} of ${wanted.count} ${wanted.count === 1 ? 'delivery' : 'deliveries'} came${turnedAway(received, counted)}`
  const firstProblem = problems.find((problem) => problem !== null)
  if (success < wanted.success) {
    if (counted.length < wanted.count && powers.signal.aborted)
      return {
        ...base,
        outcome: 'errored',
        say: `${seen} before the check's own time was over; give it a longer timeout`,
      }
    const lacking = counted.length < wanted.count ? ` within ${wanted.within}` : ''
    const unsigned =
      firstProblem === undefined || firstProblem === null
        ? ''
        : `, ${counted.length - good} not signed as they should: ${firstProblem}`
    const share =
      wanted.success === 100
        ? ''
        : `: ${sayNumber(Math.floor(success * 10) / 10)} %, expected at least ${wanted.success} %`
    return { ...base, outcome: 'failed', say: oneLine(`${seen}${lacking}${unsigned}${share}`) }
  }
  if (wanted.atMost !== null && counted.length > wanted.atMost)
    return { ...base, outcome: 'failed', say: `${counted.length} deliveries came, expected at most ${wanted.atMost}` }
  const last = counted.at(-1)
  const took = last === undefined ? '' : `, the last after ${sayMillis(Math.max(0, last.at - run.startedAt))}`
  const signed = wanted.rule === null ? '' : `, ${good} signed as they should`
  return judged(powers, base.facts, { say: oneLine(`${seen}${took}${signed}`), evidence: base.evidence })
}

/** What a reader looks for first where too few came: others did, or to another address. */
function turnedAway({ deliveries, strays }: Received, counted: readonly Delivery[]): string {
  const refused = deliveries.filter(({ answered }) => answered >= 300).length
  const others = deliveries.length - refused - counted.length
  const words = [
    ...(refused === 0 ? [] : [`${refused} turned away as asked`]),
    ...(others === 0 ? [] : [`${others} without the match`]),
    ...(strays.length === 0 ? [] : [`${strays.length} no delivery: ${strays[0]}`]),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function factsOf(
  counted: readonly Delivery[],
  problems: readonly (string | null)[],
  { good, success }: { readonly good: number; readonly success: number },
  startedAt: number,
): Record<string, Json> {
  const after = (delivery: Delivery | undefined): number | null =>
    delivery === undefined ? null : Math.max(0, delivery.at - startedAt)
  return {
    count: counted.length,
    good,
    success,
    first_ms: after(counted[0]),
    last_ms: after(counted.at(-1)),
    deliveries: counted.slice(0, mostShown).map((delivery, index) => ({
      after_ms: after(delivery),
      headers: delivery.headers,
      body: bodyOf(delivery),
      text: textOf(delivery).slice(0, mostCharacters),
      signed: problems[index] === null,
    })),
  }
}

function bodyOf(delivery: Delivery): Json {
  const text = textOf(delivery)
  if (text.length > mostCharacters) return text.slice(0, mostCharacters)
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function textOf({ body }: Delivery): string {
  return new TextDecoder().decode(body)
}

function recordOf({ deliveries, strays }: Received, startedAt: number): string {
  const records = deliveries.map((delivery) => {
    const headers = Object.entries(delivery.headers).map(([name, value]) => `${name}: ${value}\n`)
    return `after ${sayMillis(Math.max(0, delivery.at - startedAt))}, answered ${delivery.answered}\n${headers.join('')}\n${textOf(delivery)}\n`
  })
  return [...records, ...strays.map((stray) => `no delivery: ${stray}\n`)].join('\n')
}
