/** `records`: things with an age, such as restore tests; listed, added, and compared with what a checklist needs. */
import type { LedgerRecord } from '../../core/ports/store.ts'
import { countWords, dateWords, durationWords } from '../../report/words.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadPlan } from '../document.ts'
import { keepFiles } from '../evidence.ts'
import { UsageFault } from '../faults.ts'
import { visible } from '../terminal/text.ts'
import { duration, list as many, text } from '../values.ts'

export const list: Run = async (context, words) => {
  const client = await context.client()
  const records = await client.records(words[0])
  if (context.json) printJson(context, records)
  else if (records.length === 0)
    context.err("no records yet; for example: holdpoint records add restore-test --note 'restored in 14 minutes'")
  else for (const record of records) context.out(recordLine(record, Date.now()))
  return 0
}

function recordLine(record: LedgerRecord, now: number): string {
  return visible(
    `${record.name}  observed ${dateWords(record.observedAt)} (${durationWords(now - record.observedAt)} ago) by ${record.by}${record.tookMs === undefined ? '' : `, took ${durationWords(record.tookMs)}`}: ${record.note}`,
  )
}

export const add: Run = async (context, words, options) => {
  const [name = ''] = words
  const observedAt = observedOf(text(options, 'observed'), Date.now())
  const client = await context.client()
  const took = text(options, 'took')
  const tookMs = took === null ? null : duration(took, '--took')
  const evidence = await keepFiles(client, many(options, 'evidence'))
  const record = await client.addRecord({
    name,
    observedAt,
    note: text(options, 'note') ?? '',
    evidence: evidence.map((one) => one.sha256),
    ...(tookMs === null ? {} : { tookMs }),
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

interface Need {
  readonly name: string
  readonly maxAgeMs: number
  readonly step: string
  readonly observedAt: number | null
  readonly due: boolean
}

/** Exit 1 when one is missing or too old: a schedule can ask every morning. */
export const due: Run = async (context, words) => {
  const [file = ''] = words
  const { plan } = await loadPlan(file)
  const client = await context.client()
  const now = Date.now()
  const needs: Need[] = []
  for (const step of plan.steps) {
    if (step.block.word !== 'record') continue
    const { name, maxAgeMs } = step.block
    const observed = (await client.records(name)).map((record) => record.observedAt)
    const observedAt = observed.length > 0 ? Math.max(...observed) : null
    needs.push({ name, maxAgeMs, step: step.id, observedAt, due: observedAt === null || now - observedAt > maxAgeMs })
  }
  if (context.json) printJson(context, needs)
  else for (const need of needs) context.out(needLine(need, now))
  if (needs.length === 0) context.err(`${file} needs no records`)
  else context.err(`${countWords(needs.filter((need) => need.due).length, 'record is', 'records are')} due`)
  return needs.some((need) => need.due) ? 1 : 0
}

function needLine({ name, maxAgeMs, observedAt, due: isDue }: Need, now: number): string {
  const age = observedAt === null ? 'never observed' : `observed ${durationWords(now - observedAt)} ago`
  return `${isDue ? '✖ due    ' : '✔ fresh  '} ${visible(name)}  ${age}, at most ${durationWords(maxAgeMs)} allowed`
}
