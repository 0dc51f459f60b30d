/** Makes a result fit to be recorded: one clean sentence, no secrets, declared captures only, facts of a size for an event. */
import type { CheckOutcome, CheckResult, EvidenceBytes } from '../core/ports/check.ts'
import type { Captures } from '../core/plan/plan.ts'
import type { Json } from '../core/units.ts'
import type { Redaction } from './secret-vault.ts'

// oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g
const longestSay = 500
const longestFact = 1_000
const mostFactBytes = 8_000
const longestCapture = 10_000
const mostEvidence = 24
const largestEvidence = 2 * 1024 * 1024

const outcomes: ReadonlySet<CheckOutcome> = new Set(['passed', 'failed', 'inconclusive', 'errored'])

/** What `finished` needs of a result, whatever its outcomes are called. */
export interface Raw<O extends string> {
  readonly outcome: O
  readonly say: string
  readonly evidence: readonly EvidenceBytes[]
  readonly captures?: Readonly<Record<string, string>>
  readonly facts?: Readonly<Record<string, Json>>
}

export type Recordable<O extends string> = Required<Raw<O>>

/** `declared` = what becomes a value, by which name; a fact does where nothing else of that name is given. */
export function recordable<O extends string>(result: Raw<O>, declared: Captures, redaction: Redaction): Recordable<O> {
  return {
    outcome: result.outcome,
    say: sentence(redaction.text(result.say)),
    evidence: result.evidence.slice(0, mostEvidence).map((piece) => recordableEvidence(piece, redaction)),
    captures: capturesOf(result, declared, redaction),
    facts: factsOf(result.facts ?? {}, redaction),
  }
}

/** A kind that answers outside the closed set has broken its contract: that is an error, never a pass. */
export function knownOutcome(result: CheckResult): CheckResult {
  if (outcomes.has(result.outcome)) return result
  return { ...result, outcome: 'errored', say: `the check answered "${result.outcome as string}", which is no outcome` }
}

export function sentence(text: string): string {
  const flat = text.replace(unprintable, ' ').replace(/ {2,}/g, ' ').trim()
  if (flat === '') return 'no reason was given'
  return flat.length <= longestSay ? flat : `${flat.slice(0, longestSay - 3)}...`
}

function recordableEvidence(piece: EvidenceBytes, redaction: Redaction): EvidenceBytes {
  const bytes = redaction.bytes(piece.bytes)
  const isCut = bytes.length > largestEvidence
  return {
    name: sentence(redaction.text(piece.name)).slice(0, 120),
    mediaType: piece.mediaType,
    bytes: isCut ? bytes.subarray(0, largestEvidence) : bytes,
    truncated: (piece.truncated ?? false) || isCut,
  }
}

function capturesOf(
  { captures = {}, facts = {} }: Pick<Raw<string>, 'captures' | 'facts'>,
  { captures: names, captureFrom }: Captures,
  redaction: Redaction,
): Record<string, string> {
  const values = names.flatMap((name): [string, string][] => {
    const from = captureFrom?.[name] ?? name
    const value = Object.hasOwn(captures, from) ? captures[from] : textOf(facts, from)
    return value === undefined || value.length > longestCapture ? [] : [[name, redaction.text(value)]]
  })
  return Object.fromEntries(values)
}

function textOf(facts: Readonly<Record<string, Json>>, name: string): string | undefined {
  const fact = Object.hasOwn(facts, name) ? facts[name] : undefined
  if (fact === undefined || fact === null) return undefined
  return typeof fact === 'string' ? fact : JSON.stringify(fact)
}

/** Facts go into an event, so long texts are cut and what is too much altogether is left out; evidence has the whole. */
function factsOf(facts: Readonly<Record<string, Json>>, redaction: Redaction): Record<string, Json> {
  const kept: Record<string, Json> = {}
  let left = mostFactBytes
  for (const [name, value] of Object.entries(facts)) {
    const small =
      typeof value === 'string' ? redaction.text(value).slice(0, longestFact) : redactedJson(value, redaction)
    const size = JSON.stringify(small).length
    if (size > left) continue
    left -= size
    kept[name] = small
  }
  return kept
}

function redactedJson(value: Json, redaction: Redaction): Json {
  if (typeof value !== 'object' || value === null) return value
  return JSON.parse(redaction.text(JSON.stringify(value))) as Json
}
