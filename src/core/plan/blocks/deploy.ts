/** `yaml deploy`: components brought out one after another, each written out into ordinary steps. What serves is read before any of them. */
import { servingName } from '../../release/serving-name.ts'
import type { Compiling, DraftPart, DraftStep } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { CheckBlock, CommandSpec, RunBlock } from '../plan.ts'
import { Settings, shown } from '../settings.ts'
import { readWorker } from '../worker-labels.ts'
import type { Word } from '../words.ts'
import { type Entry, type FilePlace, scalar, type Value } from '../yaml.ts'
import { readAction } from './action.ts'
import { addReadBack } from './read-back.ts'
import { readCheck } from './check.ts'
import { backScript, deployScript, servedScript, servesScript } from './deploy-scripts.ts'
import { declareValue, readSecrets } from './common.ts'

const example =
  '```yaml deploy\ncomponents: { api: { deploy: ./deploy.sh api, serves: ./version.sh api, healthy: ./healthy.sh api } }\n```'
/** What may stand at the block, for all components, or at one of them. */
const settingNames = [
  'deploy',
  'serves',
  'healthy',
  'within',
  'restart',
  'back',
  'irreversible',
  'timeout',
  'cwd',
  'secrets',
  'worker',
]
const usualWithinMs = 5 * 60_000
const usualTimeoutMs = 15 * 60_000
const readTimeoutMs = 60_000

/** Everything about one component, read once and shared by its steps. */
interface Component {
  readonly name: string
  readonly block: ReadBlock
  readonly line: number
  readonly serves: string
  readonly deploy: Entry
  readonly healthy: Entry
  readonly restart: string | null
  readonly back: Entry | null
  readonly irreversible: string | null
  readonly withinMs: number
  readonly common: Pick<CommandSpec, 'timeoutMs' | 'cwd' | 'secrets' | 'worker'>
}

export function readDeploy(block: ReadBlock, compiling: Compiling): readonly DraftPart[] {
  const { settings } = block
  const shared = new Map(settingNames.flatMap((name) => entryOf(name, settings)))
  const components = membersOf(settings).flatMap(
    ([name, entry]) => readComponent(name, entry, shared, block, compiling) ?? [],
  )
  settings.finish(example)
  compiling.deployed.push(...components.map(({ name }) => name))
  for (const { name, serves, withinMs, common, irreversible } of components)
    if (irreversible === null) addReadBack({ component: name, serves, withinMs, common }, compiling)
  return [
    ...components.map((component) =>
      servingPart(component.name, component.line, component.serves, component.common, compiling),
    ),
    ...components.flatMap((component) => stepsOf(component, compiling)),
  ]
}

function entryOf(name: string, settings: Settings): readonly (readonly [string, Entry])[] {
  const entry = settings.take(name)
  return entry === null ? [] : [[name, entry]]
}

/** `[api, worker]`, or a mapping where they differ. */
function membersOf(settings: Settings): readonly (readonly [string, Entry])[] {
  const entry = settings.take('components')
  const value = entry?.value
  if (value?.kind === 'map' && value.entries.size > 0) return [...value.entries]
  if (value?.kind === 'list' && value.items.length > 0 && value.items.every((item) => item.kind === 'scalar'))
    return value.items.map((item) => {
      const name = item.kind === 'scalar' ? item.text : ''
      return [name, { place: item.place, value: { kind: 'map', entries: new Map(), place: item.place } }] as const
    })
  if (!entry) settings.missing('components', 'components: what is brought out, in this order', example)
  else
    settings.error('bad-value', entry.place, {
      found: `${value ? shown(value) : 'nothing'} for "components" in ${settings.what}`,
      expected: 'a list of names, or a mapping from each to its settings',
      example: 'components: [api, worker, web]',
    })
  return []
}

function readComponent(
  name: string,
  entry: Entry,
  shared: ReadonlyMap<string, Entry>,
  block: ReadBlock,
  compiling: Compiling,
): Component | null {
  if (entry.value.kind !== 'map' || !/^[A-Za-z][\w-]{0,59}$/.test(name)) {
    compiling.problems.error('bad-value', entry.place, {
      found: entry.value.kind === 'map' ? `"${name}" as a component` : `${shown(entry.value)} for "${name}"`,
      expected: 'a name of letters, digits, "-" and "_", with a mapping',
      example: 'api: { deploy: ./deploy.sh api }',
    })
    return null
  }
  const entries = new Map([...shared, ...entry.value.entries])
  const settings = new Settings(
    `the component "${name}" of ${block.settings.what}`,
    entry.place,
    entries,
    compiling.problems,
  )
  const wanted = (setting: string, what: string): Entry | null =>
    settings.take(setting) ?? settings.missing(setting, `${setting}: ${what}`, example)
  const timeoutMs = settings.duration('timeout') ?? usualTimeoutMs
  const withinMs = settings.duration('within') ?? usualWithinMs
  const worker = readWorker(settings)
  const common = {
    timeoutMs,
    cwd: settings.text('cwd'),
    secrets: readSecrets(settings, compiling),
    ...(worker !== null && { worker }),
  }
  const serves = settings.has('serves')
    ? settings.text('serves')
    : settings.missing('serves', 'serves: a command that prints the version that serves now', example)
  const deploy = wanted('deploy', 'what brings the version out')
  const healthy = wanted('healthy', 'how it is known that it is well')
  const restart = settings.text('restart')
  const back = settings.take('back')
  const irreversible = settings.text('irreversible')
  settings.finish(example)
  if (serves === null || deploy === null || healthy === null) return null
  const { line } = entry.place
  const asText = deploy.value.kind === 'scalar'
  // An action of a kind cannot be given another version: without a way back of its own nothing takes it back.
  if (!asText && back === null && irreversible === null) {
    settings.missing('back', 'back: what brings out {{ previous }} again, or irreversible: why nothing does', example)
    return null
  }
  return { name, block, line, serves, deploy, healthy, restart, back, irreversible, withinMs, common }
}

/** What serves is read before anything changes: without an answer nothing does. */
export function servingPart(
  component: string,
  line: number,
  serves: string,
  common: Pick<CommandSpec, 'cwd' | 'secrets' | 'worker'>,
  compiling: Compiling,
): DraftPart {
  const value = servingName(component)
  return {
    text: `${component}: what serves now is known`,
    line,
    read(step) {
      declareValue(value, 'string', { file: compiling.problems.file, line, column: 1 }, compiling)
      const check: CheckBlock = {
        word: 'check',
        kind: 'command',
        config: { shell: 'bash', script: servesScript(serves, value), cwd: common.cwd },
        timeoutMs: readTimeoutMs,
        maxAgeMs: null,
        captures: [value],
        secrets: common.secrets,
        expect: null,
        ...(common.worker !== undefined && { worker: common.worker }),
        serving: component,
        component,
      }
      step.block = check
    },
  }
}

function stepsOf(component: Component, compiling: Compiling): readonly DraftPart[] {
  const { name, line, restart } = component
  const part = (text: string, read: DraftPart['read']): DraftPart => ({
    text: `${name}: ${text}`,
    line,
    read(step) {
      // The block's own step only holds these: what is asked of it is asked of each.
      const { danger, severity } = step.parent?.common ?? step.common
      step.common = { ...step.common, danger: danger && text !== 'healthy', severity }
      read(step)
    },
  })
  return [
    part('deployed', (step) => readDeployed(step, component, compiling)),
    // A command looks itself whether the version serves; an action of a kind knows only of what it did.
    ...(component.deploy.value.kind === 'map'
      ? [part('serves the new version', (step) => readServed(step, component))]
      : []),
    ...(restart === null ? [] : [part('restarted', (step) => readRestarted(step, component, restart))]),
    part('healthy', (step) => readHealthy(step, component, compiling)),
  ]
}

function readDeployed(step: DraftStep, component: Component, compiling: Compiling): void {
  const { name, deploy, back, irreversible, common, serves, restart, withinMs } = component
  const action = actionOf(deploy, component, compiling)
  const script = deployScript(textOf(deploy.value), serves, withinMs)
  const run: RunBlock = {
    word: 'run',
    command: action?.command ?? { ...commandOf(script, common), timeoutMs: common.timeoutMs + withinMs },
    // A look, without waiting: it settles what was lost, also on the way back, which waits for nothing.
    probe: action
      ? action.probe
      : { ...commandOf(servedScript(serves, 'HOLDPOINT_VERSION', 0), common), timeoutMs: readTimeoutMs },
    idempotent: action !== null,
    retries: 0,
    irreversible,
    component: name,
  }
  step.block = run
  if (irreversible !== null) return
  const going = back === null ? null : actionOf(back, component, compiling)
  const own = back === null ? null : textOf(back.value)
  const backwards = backScript({ back: own, deploy: textOf(deploy.value), restart, serves, withinMs })
  const undo = going?.command ?? { ...commandOf(backwards, common), timeoutMs: common.timeoutMs + withinMs }
  step.undo = { ...undo, idempotent: true }
}

function readRestarted(step: DraftStep, { name, common }: Component, restart: string): void {
  step.block = {
    word: 'run',
    command: commandOf(restart, common),
    probe: null,
    idempotent: true,
    retries: 0,
    irreversible: 'its component is restarted again on the way back',
    component: name,
  }
}

function readServed(step: DraftStep, { name, serves, withinMs, common }: Component): void {
  step.block = {
    word: 'check',
    kind: 'command',
    config: { shell: 'bash', script: servedScript(serves, 'HOLDPOINT_VERSION', 0), cwd: common.cwd },
    timeoutMs: readTimeoutMs,
    maxAgeMs: null,
    captures: [],
    secrets: common.secrets,
    expect: null,
    ...(common.worker !== undefined && { worker: common.worker }),
    retryForMs: withinMs,
    component: name,
  }
}

function readHealthy(step: DraftStep, component: Component, compiling: Compiling): void {
  const { name, healthy, withinMs, common } = component
  const { value } = healthy
  const text = textOf(value)
  const isAddress = /^https?:\/\/\S+$/.test(text.trim())
  const language = value.kind === 'map' ? 'yaml' : isAddress ? 'http' : 'sh'
  const entries =
    value.kind === 'map' ? value.entries : isAddress ? new Map<string, Entry>() : commandEntries(common, healthy.place)
  const body = isAddress ? `GET ${text.trim()}\n` : `${text}\n`
  const check = readCheck(blockOf('check', language, body, entries, component, healthy.place), step, compiling)
  step.block = { ...check, retryForMs: withinMs, component: name }
}

/** What a command is told besides its script, as it would be written at its own block. */
function commandEntries({ cwd, secrets }: Component['common'], place: FilePlace): Map<string, Entry> {
  const entry = (text: string): Entry => ({ place, value: scalar(text, place) })
  return new Map<string, Entry>([
    ['timeout', entry('1m')],
    ...(cwd === null ? [] : [['cwd', entry(cwd)] as const]),
    ...(secrets.length === 0 ? [] : [['secrets', entry(secrets.join(','))] as const]),
  ])
}

/** An action of a kind, as in `yaml run`; null = it is a command. */
function actionOf(entry: Entry, component: Component, compiling: Compiling): RunBlock | null {
  if (entry.value.kind !== 'map') return null
  return readAction(blockOf('run', 'yaml', '', entry.value.entries, component, entry.place), compiling)
}

function blockOf(
  word: Word,
  language: string,
  body: string,
  entries: ReadonlyMap<string, Entry>,
  { block, name }: Component,
  place: FilePlace,
): ReadBlock {
  const settings = new Settings(`"${name}" of ${block.settings.what}`, place, entries, block.settings.problems)
  return { word, language, settings, body, place, endLine: place.line, fence: block.fence }
}

function commandOf(script: string, common: Component['common']): CommandSpec {
  return { shell: 'bash', script: script.endsWith('\n') ? script : `${script}\n`, captures: [], ...common }
}

function textOf(value: Value): string {
  return value.kind === 'scalar' ? value.text : ''
}
