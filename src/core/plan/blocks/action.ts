/** `yaml run`: an action of a kind, with settings instead of a script. It looks before it acts, so it may run again, and reads back. */
import type { Json } from '../../units.ts'
import type { ActionDefinition } from '../../ports/action.ts'
import { actionScriptOf, actionShell } from '../action-script.ts'
import { checkConfig, namesOf } from '../config.ts'
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import { nearest } from '../nearest.ts'
import type { Captures, CommandSpec, RunBlock } from '../plan.ts'
import { commonNames } from '../words.ts'
import { readWorker } from '../worker-labels.ts'
import { configFrom, withTypes } from './check.ts'
import { addTemplate, checkSecrets, readCaptures } from './common.ts'
import { defaultTimeoutMs, probeTimeoutMs, readComponent } from './command.ts'
import { withTaken } from './taken-settings.ts'

/** Understood by every action, besides the settings of its kind. */
const alsoKnown = [...commonNames, 'timeout', 'cwd', 'capture', 'worker', 'retries', 'irreversible', 'component']

export function readAction(block: ReadBlock, compiling: Compiling): RunBlock {
  const { settings } = block
  const definition = definitionOf(block, compiling)
  const worker = readWorker(settings)
  const timeoutMs = settings.duration('timeout') ?? definition?.timeoutMs ?? defaultTimeoutMs
  const cwd = settings.text('cwd')
  const captures = capturesOf(block, definition, compiling)
  const retries = settings.whole('retries', 0, 100) ?? 0
  const irreversible = settings.text('irreversible')
  const component = readComponent(settings, compiling)
  const config = configOf(block, definition, compiling)
  const secrets = config !== null && definition?.secrets ? definition.secrets(config as never) : []
  checkSecrets(secrets, block.place, compiling)
  const kind = definition?.kind ?? ''
  const commandOf = (mode: 'run' | 'probe'): CommandSpec => ({
    shell: actionShell,
    script: actionScriptOf({ kind, mode, config: config ?? {} }),
    cwd,
    timeoutMs: mode === 'run' ? timeoutMs : Math.max(probeTimeoutMs, 60_000),
    secrets,
    ...(mode === 'run' ? captures : { captures: [] }),
    ...(worker !== null && { worker }),
  })
  return {
    word: 'run',
    command: commandOf('run'),
    probe: commandOf('probe'),
    idempotent: true,
    retries,
    irreversible,
    component,
  }
}

function definitionOf({ settings }: ReadBlock, compiling: Compiling): ActionDefinition<never> | undefined {
  const { actions = new Map<string, ActionDefinition<never>>() } = compiling.kinds
  const known = [...actions.keys()]
  const example = actions.values().next().value?.example ?? '```sh run'
  const place = settings.placeOf('kind')
  const kind = settings.text('kind')
  if (kind === null) {
    settings.missing('kind', `kind: ${nearest('', known)}`, example)
    return undefined
  }
  const definition = actions.get(kind)
  if (definition) return definition
  compiling.problems.error('unknown-kind', place, {
    found: `unknown kind "${kind}" of action`,
    expected: nearest(kind, known),
    example,
  })
  return undefined
}

function capturesOf(
  { settings }: ReadBlock,
  definition: ActionDefinition<never> | undefined,
  compiling: Compiling,
): Captures {
  const place = settings.placeOf('capture')
  const given = readCaptures(settings, compiling)
  const names = given.captures.map((name) => given.captureFrom?.[name] ?? name)
  const known = definition?.captures ?? names
  for (const name of names.filter((each) => !known.includes(each))) {
    compiling.problems.error('bad-value', place, {
      found: `"${name}" for "capture" in ${settings.what}`,
      expected: known.length === 0 ? `no capture: ${definition?.kind} gives no value` : nearest(name, known),
      example: definition?.example ?? '',
    })
  }
  return given
}

/** Null when the schema refuses it; every issue has been reported. */
function configOf(
  { settings }: ReadBlock,
  definition: ActionDefinition<never> | undefined,
  compiling: Compiling,
): Readonly<Record<string, Json>> | null {
  const given = configFrom(settings, definition ? namesOf(definition.config) : [])
  if (!definition) return null
  const json = withTypes(definition.config, withTaken(definition, given.json, settings.place, compiling))
  for (const { value } of given.values.values())
    if (value.kind === 'scalar') addTemplate(value.text, value.place, 'setting', compiling)
  const isValid = checkConfig(
    settings.what,
    settings.place,
    definition,
    { json, values: given.values, alsoKnown },
    compiling.problems,
  )
  return isValid ? json : null
}
