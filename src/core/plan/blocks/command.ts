/** Commands: `run`, its `undo`, and what a `check` in a shell language shares with them. */
import type { Compiling } from '../draft.ts'
import type { ReadBlock } from '../fences.ts'
import type { CommandSpec, RunBlock } from '../plan.ts'
import type { Settings } from '../settings.ts'
import { readWorker } from '../worker-labels.ts'
import { shells } from '../words.ts'
import { readCaptures, readSecrets } from './common.ts'

export const defaultTimeoutMs = 15 * 60_000
export const probeTimeoutMs = 30_000
const example = '```sh run timeout=10m idempotent retries=2'

/** `shell=posix` opts out of bash. */
export function readShell(language: string, settings: Settings): string {
  const chosen = settings.choice('shell', ['bash', 'posix'])
  return chosen ?? shells[language] ?? 'bash'
}

function readCommand(block: ReadBlock, compiling: Compiling): CommandSpec {
  const { settings } = block
  const worker = readWorker(settings)
  return {
    shell: readShell(block.language, settings),
    script: block.body,
    cwd: settings.text('cwd'),
    timeoutMs: settings.duration('timeout') ?? defaultTimeoutMs,
    secrets: readSecrets(settings, compiling),
    ...readCaptures(settings, compiling),
    ...(worker !== null && { worker }),
  }
}

/** An undo is always safe to repeat; `idempotent` lets it also run when nobody knows whether its action took effect. */
export function readUndo(block: ReadBlock, compiling: Compiling): CommandSpec {
  const command = readCommand(block, compiling)
  const idempotent = block.settings.flag('idempotent')
  block.settings.finish('```sh undo timeout=10m')
  return idempotent ? { ...command, idempotent } : command
}

export function readRun(block: ReadBlock, compiling: Compiling): RunBlock {
  const { settings } = block
  const command = readCommand(block, compiling)
  const probe = settings.text('probe')
  const rest = readRepeats(block, compiling)
  settings.finish(example)
  const probing = probe === null ? null : { ...command, script: `${probe}\n`, timeoutMs: probeTimeoutMs, captures: [] }
  return { word: 'run', command, probe: probing, ...rest }
}

/** What every action says of itself: may it run again, does anything take it back, whose is it. */
function readRepeats(
  { settings }: ReadBlock,
  compiling: Compiling,
): Pick<RunBlock, 'idempotent' | 'retries' | 'irreversible' | 'component'> {
  const retriesPlace = settings.placeOf('retries')
  const retries = settings.whole('retries', 0, 100) ?? 0
  const idempotent = settings.flag('idempotent')
  const component = readComponent(settings, compiling)
  if (retries > 0 && !idempotent) {
    compiling.problems.error('retries-without-idempotent', retriesPlace, {
      found: `retries=${retries} for an action that may not be safe to repeat`,
      expected: '"idempotent" beside "retries", when a second run does no harm',
      example,
    })
  }
  return { idempotent, retries, irreversible: settings.text('irreversible'), component }
}

/** The component of a rollout that an action belongs to. */
export function readComponent(settings: Settings, compiling: Compiling): string | null {
  const place = settings.placeOf('component')
  const name = settings.text('component')
  if (name !== null) compiling.laterNames.push({ kind: 'component', name, place })
  return name
}
