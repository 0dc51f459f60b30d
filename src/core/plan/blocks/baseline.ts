/** `yaml baseline`: numbers of a window of the past, frozen with the release, to compare with later. */
import type { Millis } from '../../units.ts'
import type { Compiling } from '../draft.ts'
import { formatDuration } from '../duration.ts'
import type { ReadBlock } from '../fences.ts'
import type { CaptureWindow, FieldPlan, FieldsBlock } from '../plan.ts'
import { Settings } from '../settings.ts'
import type { Entry, FilePlace } from '../yaml.ts'
import { parseDuration } from '../duration.ts'
import { parsed, unparsed } from '../parsed.ts'
import { addTemplate, positive } from './common.ts'
import { metricSource } from './fields.ts'
import { checkQuery } from './queries.ts'

const example =
  '```yaml baseline\nover: 1h\nat: same hour last week\nvalues:\n  error-rate: { type: percent, query: "sum(rate(errors[5m])) / sum(rate(requests[5m]))" }\n```'
const valueExample = 'error-rate: { type: percent, query: "sum(rate(errors[5m])) / sum(rate(requests[5m]))" }'

const day = 86_400_000
const ago: Readonly<Record<string, Millis>> = {
  now: 0,
  'same hour yesterday': day,
  'same hour last week': 7 * day,
}
const statistics = ['median', 'mean', 'p95', 'highest', 'lowest'] as const
const defaultOverMs = 3_600_000
/** Points of a window where nobody says how often; more say no more about a median. */
const usualPoints = 60
const mostPoints = 5_000
const leastEveryMs = 1_000

export function readBaseline(block: ReadBlock, compiling: Compiling): FieldsBlock {
  const { settings } = block
  const on = settings.text('on')
  const window = readWindow(settings, { overMs: defaultOverMs, agoMs: 0, take: 'median' })
  const values = settings.group('values')
  if (values === null) settings.missing('values', 'values: the numbers to capture', example)
  const fields = (values?.members() ?? []).map(([name, entry]) =>
    readValue(name, entry, { on, window, from: settings, compiling }),
  )
  if (values !== null && fields.length === 0) values.missing('error-rate', 'at least one value', example)
  settings.finish(example)
  return { word: 'fields', fields, baseline: true }
}

type Wanted = Pick<CaptureWindow, 'overMs' | 'agoMs' | 'take'> & Partial<Pick<CaptureWindow, 'everyMs' | 'minSamples'>>

/** `over`, `every`, `at`, `min-samples` and `take`: of the block for all values, or of one of them. */
function readWindow(settings: Settings, usual: Wanted): Wanted {
  const overPlace = settings.placeOf('over')
  const isOwn = settings.has('over') || settings.has('every')
  const overMs = positive(settings, 'over') ?? usual.overMs
  const everyMs = positive(settings, 'every') ?? usual.everyMs
  const agoMs = readAgo(settings) ?? usual.agoMs
  const minSamples = settings.whole('min-samples', 1, mostPoints) ?? usual.minSamples
  const take = settings.choice('take', statistics) ?? usual.take
  const points = overMs / (everyMs ?? usualEvery(overMs))
  if (isOwn && (points < 1 || points > mostPoints))
    settings.error('bad-value', overPlace, {
      found: `a window of ${formatDuration(overMs)} with a sample every ${formatDuration(everyMs ?? 0)} in ${settings.what}`,
      expected: `from 1 to ${mostPoints} samples`,
      example: 'over: 1h\nevery: 1m',
    })
  return {
    overMs,
    agoMs,
    take,
    ...(everyMs !== undefined && { everyMs }),
    ...(minSamples !== undefined && { minSamples }),
  }
}

function readAgo(settings: Settings): Millis | null {
  return settings.parse('at', (text) => {
    const named = ago[text.trim().toLowerCase()]
    if (named !== undefined) return parsed(named)
    const span = /^(\S+) ago$/.exec(text.trim())?.[1]
    const duration = span === undefined ? null : parseDuration(span)
    return duration?.ok
      ? duration
      : unparsed('now, same hour yesterday, same hour last week, or a time such as "3d ago"', 'same hour last week')
  })
}

function usualEvery(overMs: Millis): Millis {
  return Math.max(leastEveryMs, Math.round(overMs / usualPoints / 1000) * 1000)
}

interface Around {
  readonly on: string | null
  readonly window: Wanted
  readonly from: Settings
  readonly compiling: Compiling
}

function readValue(name: string, entry: Entry, { on, window, from, compiling }: Around): FieldPlan {
  const { value } = entry
  const entries: ReadonlyMap<string, Entry> =
    value.kind === 'map'
      ? value.entries
      : new Map(value.kind === 'scalar' ? [['query', { place: value.place, value }]] : [])
  const settings = new Settings(`the baseline "${name}"`, entry.place, entries, from.problems)
  const own = name.replaceAll('-', '_')
  const field: FieldPlan = {
    name: own,
    label: settings.text('label') ?? name.replaceAll(/[-_]/g, ' '),
    type: settings.choice('type', ['number', 'percent', 'duration']) ?? 'number',
    options: [],
    required: true,
    limit: null,
    capture: { ...readQuery(settings, on, compiling), window: wholeWindow(readWindow(settings, window)) },
  }
  settings.finish(valueExample)
  declare(own, entry.place, compiling)
  return field
}

function readQuery(settings: Settings, on: string | null, compiling: Compiling): { source: string; query: string } {
  const place = settings.placeOf('query')
  const onPlace = settings.placeOf('on')
  const query = settings.text('query')
  const source = metricSource(settings.text('on') ?? on, onPlace, compiling)
  if (query === null) {
    settings.missing('query', 'query: one number, as a promql check asks for it', valueExample)
    return { source, query: '' }
  }
  addTemplate(query, place, 'query', compiling)
  checkQuery({ kind: 'value', name: 'query', text: query, place }, source, compiling)
  return { source, query }
}

/** Nine samples of ten have to be there unless the author says otherwise: a window with holes is no baseline. */
function wholeWindow({ everyMs, minSamples, ...given }: Wanted): CaptureWindow {
  const every = everyMs ?? usualEvery(given.overMs)
  const points = Math.max(1, Math.floor(given.overMs / every))
  return { ...given, everyMs: every, minSamples: minSamples ?? Math.ceil(points * 0.9) }
}

function declare(name: string, place: FilePlace, compiling: Compiling): void {
  const whole = `baseline.${name}`
  const wrong = !/^[A-Za-z_]\w*$/.test(name)
    ? 'a letter, then letters, digits, "-" and "_"'
    : compiling.values.has(whole)
      ? 'a name that no other baseline has'
      : null
  if (wrong !== null)
    compiling.problems.error('bad-value', place, {
      found: `the baseline name "${name}"`,
      expected: wrong,
      example: valueExample,
    })
  compiling.values.set(whole, { type: 'double', by: compiling.at })
}
