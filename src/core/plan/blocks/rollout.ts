/** Rollouts: components moved in order, and their stages in both forms. */
import { checkConfig } from '../config.ts'
import type { Compiling, DraftPart, DraftRollout, DraftStage, DraftStep } from '../draft.ts'
import { parseDuration } from '../duration.ts'
import type { ReadBlock } from '../fences.ts'
import { nearest } from '../nearest.ts'
import { unparsed } from '../parsed.ts'
import type { ComponentPlan } from '../plan.ts'
import type { Json } from '../../units.ts'
import { parseWeight } from '../quantity.ts'
import { Settings, shown } from '../settings.ts'
import type { Entry } from '../yaml.ts'
import { checkRole, checkSecrets } from './common.ts'
import { servingPart } from './deploy.ts'
import { addReadBack } from './read-back.ts'
import { readCounts } from './counts.ts'
import { parseFactor, readJudge } from './judge.ts'
import { readOverrides } from './metrics.ts'
import { withTaken } from './taken-settings.ts'

/** How long it may take until the version that served before serves again. */
const usualReadBackMs = 60_000
const example =
  '```yaml rollout\ncomponents: { api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh } }\nstages: [{ weight: 5%, soak: 30m }, { weight: 100%, soak: 15m }]\n```'

export function readRollout(block: ReadBlock, step: DraftStep, compiling: Compiling): DraftRollout {
  const { settings } = block
  const parts: DraftPart[] = []
  const components = readComponents(settings, parts, compiling)
  step.parts = parts
  const stagesEntry = settings.take('stages')
  const judge = readJudge(settings.group('judge'), null, compiling)
  const rollout: DraftRollout = {
    step,
    place: block.place,
    hasShortStages: stagesEntry !== null,
    stages: [],
    block: { word: 'rollout', components, judge },
  }
  if (stagesEntry) readShortStages(stagesEntry, settings, rollout, compiling)
  settings.finish(example)
  return rollout
}

function readComponents(settings: Settings, parts: DraftPart[], compiling: Compiling): readonly ComponentPlan[] {
  const wanted = settings.has('components')
  const group = settings.group('components')
  if (!group) {
    if (!wanted) settings.missing('components', 'components: what is moved, and by which driver', example)
    return []
  }
  const components = group.members().flatMap(([name, entry]) => readComponent(name, entry, group, parts, compiling))
  if (components.length === 0) settings.missing('components', 'at least one component', example)
  return components
}

function readComponent(
  name: string,
  entry: Entry,
  from: Settings,
  parts: DraftPart[],
  compiling: Compiling,
): readonly ComponentPlan[] {
  if (entry.value.kind !== 'map') {
    from.error('bad-value', entry.value.place, {
      found: `${shown(entry.value)} for the component "${name}"`,
      expected: 'a mapping with "traffic" and the settings of that driver',
      example: `${name}: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./restore.sh }`,
    })
    return []
  }
  const settings = new Settings(`the component "${name}"`, entry.place, entry.value.entries, from.problems)
  const place = settings.placeOf('traffic')
  const driver = settings.text('traffic')
  const known = [...compiling.kinds.drivers.keys()]
  const definition = driver === null ? undefined : compiling.kinds.drivers.get(driver)
  if (driver === null) settings.missing('traffic', `traffic: ${nearest('', known)}`, `${name}: { traffic: command, … }`)
  else if (!definition)
    settings.error('unknown-kind', place, {
      found: `unknown traffic driver "${driver}"`,
      expected: nearest(driver, known),
      example: `traffic: ${known[0] ?? ''}`,
    })
  const counts = readCounts(settings, compiling)
  const serves = settings.text('serves')
  if (serves !== null) {
    const common = { cwd: null, secrets: [] }
    parts.push(servingPart(name, entry.place.line, serves, common, compiling))
    addReadBack({ component: name, serves, withinMs: usualReadBackMs, common }, compiling)
  }
  const rest = settings.rest()
  const json = withTaken(definition, rest.json, settings.place, compiling)
  if (definition && checkConfig(settings.what, settings.place, definition, { ...rest, json }, compiling.problems))
    checkSecrets(definition.secrets?.(json) ?? [], settings.place, compiling)
  checkSides(json, settings, name)
  return [{ name, driver: driver ?? '', config: json, ...(counts !== null && { counts }) }]
}

/** Drivers name the two sides alike: what stands on both of them gets no share of its own. */
function checkSides(json: Readonly<Record<string, Json>>, settings: Settings, name: string): void {
  const stable = [json['stable']].flat()
  const both = [json['canary']].flat().find((one) => typeof one === 'string' && stable.includes(one))
  if (typeof both !== 'string') return
  settings.error('bad-value', settings.placeOf('canary'), {
    found: `"${both}" as stable and as canary of the component "${name}"`,
    expected: 'two different ones: the version in use, and the new one',
    example: `stable: ${both}-v1, canary: ${both}-v2`,
  })
}

function readShortStages(entry: Entry, from: Settings, rollout: DraftRollout, compiling: Compiling): void {
  if (entry.value.kind !== 'list') {
    from.error('bad-value', entry.value.place, {
      found: `${shown(entry.value)} for "stages"`,
      expected: 'a list of stages',
      example: 'stages: [{ weight: 5%, soak: 30m }, { weight: 100% }]',
    })
    return
  }
  for (const item of entry.value.items) {
    if (item.kind === 'map')
      addStage(new Settings('a stage', item.place, item.entries, from.problems), null, rollout, compiling)
    else
      from.error('bad-value', item.place, {
        found: `${shown(item)} as a stage`,
        expected: 'a mapping with weight and soak',
        example: '{ weight: 5%, soak: 30m }',
      })
  }
}

/** `title` is the heading of a `yaml stage` section; the short form is called by its weight. */
export function addStage(
  settings: Settings,
  title: string | null,
  rollout: DraftRollout,
  compiling: Compiling,
): DraftStage {
  const weightGiven = settings.has('weight')
  const weightPercent = settings.parse('weight', parseWeight)
  if (!weightGiven) settings.missing('weight', 'weight: the share of traffic in this stage', 'weight: 25%')
  const soakMs = settings.duration('soak') ?? 0
  const promotePlace = settings.placeOf('promote')
  const promote = settings.text('promote')
  if (promote !== null) checkRole(promote, promotePlace, compiling)
  const id = settings.text('id')
  const stage: DraftStage = {
    place: settings.place,
    index: rollout.stages.length,
    roots: [],
    plan: {
      id,
      title: settings.text('title') ?? title ?? `${weightPercent ?? 0}%`,
      line: settings.place.line,
      weightPercent: weightPercent ?? 0,
      soakMs,
      deadlineMs: readDeadline(settings, soakMs),
      promote,
      onInconclusive: settings.choice('on-inconclusive', ['hold', 'ask']) ?? 'hold',
      overrides: readOverrides(settings.group('judge'), rollout.block.judge.metrics, compiling),
    },
  }
  settings.finish('{ weight: 25%, soak: 1h, promote: release-engineer }')
  checkAscending(stage, rollout, compiling)
  rollout.stages.push(stage)
  return stage
}

/** A duration, or a multiple of the soak. */
function readDeadline(settings: Settings, soakMs: number): number | null {
  return settings.parse('deadline', (text) => {
    const factor = parseFactor(text)
    if (factor.ok) return { ok: true, value: factor.value * soakMs }
    const duration = parseDuration(text)
    return duration.ok && duration.value > 0 ? duration : unparsed('a duration, or a multiple of the soak', '2h or 3x')
  })
}

function checkAscending(stage: DraftStage, rollout: DraftRollout, compiling: Compiling): void {
  const before = rollout.stages.at(-1)
  if (stage.plan.weightPercent > (before?.plan.weightPercent ?? 0)) return
  compiling.problems.error('stage-order', stage.place, {
    found: `a stage of ${stage.plan.weightPercent}%${before ? ` after one of ${before.plan.weightPercent}%` : ''}`,
    expected: 'more traffic in each stage than in the one before it',
    example: 'stages: [{ weight: 5% }, { weight: 25% }, { weight: 100% }]',
  })
}
