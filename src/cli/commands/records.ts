/** `records`: things with an age, such as restore tests; listed, added, and compared with what a checklist needs. */
import { recordAgeWords } from '../../core/plan/record-age.ts'
import { needsOf } from '../../core/plan/record-needs.ts'
import type { LedgerRecord } from '../../core/ports/store.ts'
import { fitOf, newestFor } from '../../core/records/fit.ts'
import { countWords, dateWords, durationWords } from '../../report/words.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { keepFiles } from '../evidence.ts'
import { UsageFault } from '../faults.ts'
import { trendLines } from '../record-trend.ts'
import { visible } from '../terminal/text.ts'
import { duration, flag, list as many, text } from '../values.ts'

export const list: Run = async (context, words) => {
  const client = await context.client()
  const records = await client.records(words[0])
  if (context.json) printJson(context, records)
  else if (records.length === 0)
    context.err("no records yet; for example: holdpoint records add restore-test --note 'restored in 14 minutes'")
  else {
    for (const record of records) context.out(recordLine(record, Date.now()))
    if (words[0] !== undefined) for (const line of trendLines(records)) context.out(line)
  }
  return 0
}

function recordLine(record: LedgerRecord, now: number): string {
  const { name, observedAt, by, tookMs, note, outcome, environment, facts = {} } = record
  const where = environment === undefined ? '' : ` in ${environment}`
  const took = tookMs === undefined ? '' : `, took ${durationWords(tookMs)}`
  const end = outcome === 'failed' ? ', FAILED' : ''
  const known = Object.entries(facts).map(([fact, value]) => `${fact}=${String(value)}`)
  return visible(
    `${name}  observed ${dateWords(observedAt)} (${durationWords(now - observedAt)} ago)${where} by ${by}${took}${end}: ${note}${known.length === 0 ? '' : `  (${known.join(', ')})`}`,
  )
}

export const add: Run = async (context, words, options) => {
  const [name = ''] = words
  const observedAt = observedOf(text(options, 'observed'), Date.now())
  const facts = factsOf(many(options, 'fact'))
  const client = await context.client()
  const took = text(options, 'took')
  const tookMs = took === null ? null : duration(took, '--took')
  const environment = text(options, 'environment')
  const evidence = await keepFiles(client, many(options, 'evidence'))
  const record = await client.addRecord({
    name,
    observedAt,
    note: text(options, 'note') ?? '',
    evidence: evidence.map((one) => one.sha256),
    ...(tookMs === null ? {} : { tookMs }),
    ...(environment === null ? {} : { environment }),
    ...(facts === null ? {} : { facts }),
    ...(flag(options, 'failed') ? { outcome: 'failed' as const } : {}),
  })
  if (context.json) printJson(context, record)
  else context.out(recordLine(record, Date.now()))
  return 0
}

/** A time, or how long ago. The age of a record counts from here. */
function observedOf(given: string | null, now: number): number {
  if (given === null) return now
  if (/^\d+(\.\d+)?(ms|s|m|h|d)/.test(given)) return now - duration(given, '--observed')
  const at = Date.parse(given)
  if (Number.isNaN(at))
    throw new UsageFault(
      `--observed is "${given}", expected a time or how long ago, for example --observed 2026-03-01T10:00Z or --observed 2h`,
    )
  if (at > now) throw new UsageFault(`--observed ${given} lies in the future`)
  return at
}

/** `rows=1200`, `recovery=14m`: numbers are numbers, durations seconds, everything else a text. */
function factsOf(given: readonly string[]): Record<string, number | string | boolean> | null {
  if (given.length === 0) return null
  const facts = given.map((one): [string, number | string | boolean] => {
    const [, name, value] = /^([A-Za-z][\w.-]*)=(.+)$/.exec(one) ?? []
    if (name === undefined || value === undefined)
      throw new UsageFault(`--fact is "${one}", expected NAME=VALUE, for example --fact recovery=14m`)
    if (/^-?\d+(\.\d+)?$/.test(value)) return [name, Number(value)]
    if (/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(value)) return [name, duration(value, '--fact') / 1000]
    return [name, value === 'true' ? true : value === 'false' ? false : value]
  })
  return Object.fromEntries(facts)
}

interface Need {
  readonly name: string
  readonly maxAgeMs: number
  readonly age: string
  readonly step: string
  readonly observedAt: number | null
  readonly until: number | null
  readonly due: boolean
  /** Satisfied, and soon no more: within the time that the checklist says with `warn`. */
  readonly ending: boolean
  readonly say: string
}

/** Exit 1 when one is missing or too old: a schedule can ask every morning. */
export const due: Run = async (context, words) => {
  const [file = ''] = words
  const { plan } = await loadPlan(file)
  const client = await context.client()
  const now = Date.now()
  const needs: Need[] = []
  for (const wish of needsOf(plan)) {
    const { name, maxAgeMs, step, warnMs } = wish
    const records = await client.records(name)
    const { record, until, say } = fitOf(records, wish, now)
    const observedAt = newestFor(records, wish, now)?.observedAt ?? null
    const ending = until !== null && warnMs !== undefined && now >= until - warnMs
    needs.push({
      name,
      maxAgeMs,
      age: recordAgeWords(wish),
      step,
      observedAt,
      until,
      due: record === null,
      ending,
      say,
    })
  }
  if (context.json) printJson(context, needs)
  else for (const need of needs) context.out(needLine(need))
  if (needs.length === 0) context.err(`${file} needs no records`)
  else context.err(`${countWords(needs.filter((need) => need.due).length, 'record is', 'records are')} due`)
  return needs.some((need) => need.due) ? 1 : 0
}

function needLine({ say, until, due: isDue, ending }: Need): string {
  const end = until === null ? '' : `; good until ${dateWords(until)}`
  return visible(`${isDue ? '✖ due    ' : ending ? '! ending ' : '✔ fresh  '} ${say}${end}`)
}
