/** `yaml record`: what a step asks of a record with an age. */
import type { RecordWish } from '../../records/wish.ts'
import { rehearsalRecord } from '../../records/rehearsal-record.ts'
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { parseLimit } from '../limit.ts'
import type { RecordBlock } from '../plan.ts'
import { parseRecordAge } from '../record-age.ts'
import { type Settings, shown } from '../settings.ts'
import { parseZone } from '../windows.ts'
import { readEnvironments } from './common.ts'

const recordExample = '```yaml record\nname: restore-test\nmax-age: 30d\n```'

export function readRecord(block: ReadBlock, compiling: Compiling): RecordBlock {
  const { settings } = block
  const of = settings.choice('of', ['way-back'])
  const name = settings.text('name') ?? (of === null ? null : rehearsalRecord)
  if (name === null) settings.missing('name', 'name: the record that is wanted', recordExample)
  const wish = readWish(settings, compiling)
  const drill = settings.text('drill')
  settings.finish(recordExample)
  return { word: 'record', name: name ?? '', ...wish, ...(of !== null && { of }), drill }
}

/** What is not asked for is not in the plan: a plan of before has the digest that it had. */
function readWish(settings: Settings, compiling: Compiling): Omit<RecordWish, 'name'> {
  const wanted = settings.has('max-age')
  const zone = settings.parse('zone', parseZone) ?? 'UTC'
  const age = settings.parse('max-age', (text) => parseRecordAge(text, zone))
  if (!wanted) settings.missing('max-age', 'max-age: how old it may be', recordExample)
  const warnPlace = settings.placeOf('warn')
  const warnMs = settings.duration('warn')
  if (warnMs !== null && age !== null && warnMs >= age.maxAgeMs) {
    settings.error('bad-value', warnPlace, {
      found: `"warn" as long as "max-age" or longer in ${settings.what}`,
      expected: 'a shorter time: a record that was just made would be ending already',
      example: 'max-age: 30d\nwarn: 5d',
    })
  }
  const evidence = settings.choice('evidence', ['required', 'optional'])
  const environment = readEnvironments('environment', settings, compiling)[0]
  const limits = readLimits(settings)
  return {
    maxAgeMs: age?.maxAgeMs ?? 0,
    ...(age?.calendar !== undefined && { calendar: age.calendar }),
    ...(warnMs !== null && { warnMs }),
    ...(evidence === 'required' && { evidence }),
    ...(environment !== undefined && { environment }),
    ...(limits !== null && { limits }),
  }
}

/** Facts of the record and what they have to keep. */
function readLimits(settings: Settings): Readonly<Record<string, string>> | null {
  const group = settings.group('limits')
  if (group === null) return null
  const limits: Record<string, string> = {}
  for (const [name, { value }] of group.members()) {
    const limit = parseLimit(value.kind === 'scalar' ? value.text : '')
    if (limit.ok && limit.value.limit.quantile === null) limits[name] = limit.value.limit.text
    else
      settings.error('bad-limit', value.place, {
        found: `${shown(value)} as the limit of "${name}" in ${settings.what}`,
        expected: 'a comparator (<, <=, > or >=) and a number, percentage or duration',
        example: 'limits: { recovery: "< 30m", data_age: "< 24h" }',
      })
  }
  return limits
}
