/** What watches by itself: `yaml watch` windows and triggers. */
import type { Millis } from '../../units.ts'
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { CheckBlock, JudgePlan, TriggerPlan, WatchBlock } from '../plan.ts'
import { Settings } from '../settings.ts'
import type { Entry } from '../yaml.ts'
import { addTemplate, positive } from './common.ts'
import { readCheck } from './check.ts'
import { readJudge } from './judge.ts'
import { conflict } from './people.ts'
import { readWatchChecks } from './watch-checks.ts'

const watchExample =
  '```yaml watch\nfor: 2h\njudge: { metrics: { errors: { kind: ratio, bad: "…", total: "…", rollback: "> 2%" } } }\n```'

/** `above` is the judge of the rollout before it: a watch goes on looking at the same numbers unless it says otherwise. */
export function readWatch(block: ReadBlock, above: JudgePlan | null, compiling: Compiling): WatchBlock {
  const { settings } = block
  const wanted = settings.has('for')
  const forMs = positive(settings, 'for')
  if (!wanted) settings.missing('for', 'for: how long everything must stay healthy', watchExample)
  const judge = readJudge(settings.group('judge'), above, compiling)
  const hasChecks = settings.has('checks')
  const { checks, metrics } = readWatchChecks(block, judge, compiling)
  if (judge.metrics.length === 0 && !hasChecks)
    settings.missing('judge', 'metrics or checks to look at, here or in a rollout before it', watchExample)
  const onFailure = settings.choice('on-failure', ['rollback', 'ask']) ?? 'rollback'
  const course = readCourse(settings, forMs ?? 0)
  settings.finish(watchExample)
  return {
    word: 'watch',
    forMs: forMs ?? 0,
    judge: { ...judge, metrics: [...judge.metrics, ...metrics] },
    checks,
    onFailure,
    ...course,
  }
}

const incidentExample = 'on-incident: { extend: 30m }'

/** When it runs and who waits for it; nothing of what is not written is in the plan. */
function readCourse(settings: Settings, forMs: Millis): Pick<WatchBlock, 'startsMs' | 'before' | 'onIncident'> {
  const startsMs = settings.duration('starts')
  const before = settings.choice('before', ['sign-off', 'close'])
  const onIncident = readIncident(settings, forMs)
  return {
    ...(startsMs !== null && { startsMs }),
    ...(before === 'close' && { before }),
    ...(onIncident !== null && { onIncident }),
  }
}

/** `restart`, `extend` (by half of the watch), or `{ extend: 30m }`. */
function readIncident(settings: Settings, forMs: Millis): WatchBlock['onIncident'] | null {
  if (settings.peek('on-incident')?.value.kind === 'map') {
    const group = settings.group('on-incident')
    const byMs = group && positive(group, 'extend')
    if (group && !group.has('extend') && byMs === null)
      group.missing('extend', 'extend: how much healthy time an incident adds', incidentExample)
    group?.finish(incidentExample)
    return byMs === null ? null : { does: 'extend', byMs }
  }
  const word = settings.choice('on-incident', ['restart', 'extend'])
  if (word === 'extend') return { does: 'extend', byMs: Math.ceil(forMs / 2) }
  return word === null ? null : { does: 'restart' }
}

const triggerExample = '```promql trigger on=prom above=5% for=2m severity=P1 action=rollback'

/** `text` is the item or heading it stands under. */
export function readTrigger(block: ReadBlock, id: string, text: string, compiling: Compiling): TriggerPlan {
  const { settings } = block
  const plan = {
    id: settings.text('id') ?? id,
    line: block.place.line,
    text: settings.text('text') ?? text,
    severity: settings.text('severity') ?? 'P2',
    action: settings.choice('action', ['rollback', 'ask', 'page']),
    everyMs: positive(settings, 'every') ?? 30_000,
    forMs: settings.duration('for') ?? 0,
  }
  const check = block.language === 'promql' ? promqlCheck(block, compiling) : nestedCheck(block, compiling)
  if (plan.action === null) settings.missing('action', 'action: rollback, ask or page', triggerExample)
  settings.finish(triggerExample)
  return { ...plan, action: plan.action ?? 'ask', check }
}

const opposites = { above: 'below', below: 'above', between: 'outside', outside: 'between' } as const

/** The limit of a trigger is when it fires; its check passes while the value stays on the other side, or within a distance. */
function promqlCheck(block: ReadBlock, compiling: Compiling): CheckBlock {
  const { settings } = block
  const entries = new Map<string, Entry>()
  const said = (['above', 'below', 'between', 'outside'] as const).filter((name) => settings.has(name))
  const [first, second] = said
  if (first && second) conflict(settings, first, second, triggerExample)
  for (const name of said) {
    const limit = settings.take(name)
    if (limit) entries.set(opposites[name], limit)
  }
  for (const name of ['on', 'versus', 'within']) {
    const entry = settings.take(name)
    if (entry) entries.set(name, entry)
  }
  if (!first && !entries.has('within')) {
    settings.missing('above', 'above, below, between, outside, or versus and within: when it fires', triggerExample)
    return noCheck
  }
  const inner = new Settings(settings.what, settings.place, entries, settings.problems)
  addTemplate(block.body, block.place, 'query', compiling)
  return readCheck({ ...block, settings: inner }, null, compiling)
}

/** `check:` is any check by its kind; the trigger fires when it fails. */
function nestedCheck(block: ReadBlock, compiling: Compiling): CheckBlock {
  const inner = block.settings.group('check')
  if (inner) return readCheck({ ...block, settings: inner }, null, compiling)
  block.settings.missing(
    'check',
    'check: a check that fails when the trigger shall fire',
    '```yaml trigger\naction: ask\ncheck: { kind: tcp, host: db, port: 5432 }\n```',
  )
  return noCheck
}

/** Of a trigger that does not compile. */
const noCheck: CheckBlock = {
  word: 'check',
  kind: '',
  config: {},
  timeoutMs: 0,
  maxAgeMs: null,
  captures: [],
  secrets: [],
  expect: null,
}
