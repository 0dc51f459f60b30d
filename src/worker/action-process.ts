/** Runs one action of a kind inside its own process: settings from a file, powers from the environment, the end as an exit code. */
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type FilledAction, textsOf } from '../core/plan/action-script.ts'
import { type ActionDefinition, ActionFault, type ActionPowers, type ProgramEnd } from '../core/ports/action.ts'
import { OutboundFault } from '../core/ports/outbound.ts'
import { listenToChannel, placeOf } from './channel.ts'
import { givenRulesOf, rulesOf } from './declared-hosts.ts'
import { createOutbound, type Outbound } from './outbound.ts'

/** As a shell tells it; `probe` says with 1 that it is not so, and with 2 that it cannot tell. So does `ask` where no more than `probe` was asked. */
const DONE = 0
const FAILED = 1
const CANNOT_TELL = 2

export async function runAction(definitions: readonly ActionDefinition<never>[], file: string): Promise<number> {
  const action = JSON.parse(readFileSync(file, 'utf8')) as FilledAction
  const end = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end.abort())
  const outbound = createOutbound()
  try {
    return await perform(action, definitions, outbound, end.signal)
  } catch (fault) {
    process.stderr.write(`${wordsOf(fault)}\n`)
    const asksMore = definitions.some((one) => one.kind === action.kind && one.ask !== undefined)
    const isTold = action.mode === 'run' || (action.mode === 'ask' && (asksMore || isRefused(fault)))
    return isTold ? FAILED : CANNOT_TELL
  } finally {
    outbound.close()
  }
}

async function perform(
  action: FilledAction,
  definitions: readonly ActionDefinition<never>[],
  outbound: Outbound,
  signal: AbortSignal,
): Promise<number> {
  const definition = definitions.find(({ kind }) => kind === action.kind)
  if (!definition) throw new ActionFault(`there is no action of the kind ${action.kind} here; the worker may be older`)
  const config = definition.config.safeParse(action.config)
  if (!config.success) {
    const [issue] = config.error.issues
    throw new ActionFault(`its settings are not accepted: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const powers = powersOf(definition, action, outbound, signal)
  if (action.mode === 'probe') return (await definition.probe(config.data, powers)) ? DONE : FAILED
  if (action.mode === 'ask') {
    process.stdout.write(`${await askWith(definition, config.data, powers)}\n`)
    return DONE
  }
  process.stdout.write(`${await definition.run(config.data, powers)}\n`)
  return DONE
}

/** Nobody is there, or whoever is there lets nobody in: no earlier step of a release changes that. */
function isRefused(fault: unknown): boolean {
  return fault instanceof OutboundFault || (fault instanceof ActionFault && [401, 403].includes(fault.status))
}

async function askWith(definition: ActionDefinition<never>, config: never, powers: ActionPowers): Promise<string> {
  if (definition.ask !== undefined) return definition.ask(config, powers)
  return (await definition.probe(config, powers))
    ? 'it can be read, and is so already'
    : 'it can be read, and is not so yet'
}

function powersOf(
  definition: ActionDefinition<never>,
  { config, literal, protected: isProtected }: FilledAction,
  outbound: Outbound,
  signal: AbortSignal,
): ActionPowers {
  const { addresses = [] } = definition
  const own = typeof addresses === 'function' ? [] : addresses
  // What a kind makes of its settings came out of values here; an address that stands in the document is among `literal`.
  const made = typeof addresses === 'function' ? addresses(config) : []
  const rules = [...rulesOf([...literal, ...own]), ...givenRulesOf([...textsOf(config), ...made])]
  const request = outbound.for({ rules, protected: isProtected })
  const secrets = new Set(definition.secrets?.(config as never) ?? [])
  return {
    signal,
    program: (name, words, given = {}) => runProgram(name, words, given, signal),
    http: (url, init) => request(url, { ...init, signal }),
    channel: async (url, init) =>
      listenToChannel(await outbound.place(placeOf(url), { rules, protected: isProtected }), url, init, signal),
    secret: (name) => {
      const value = secrets.has(name) ? process.env[name] : undefined
      if (value === undefined) throw new ActionFault(`the secret ${name} is not there`)
      return value
    },
    facts: factsOf(process.env),
    sleep: async (ms) => setTimeout(ms, undefined, { signal }),
    say: (line) => process.stdout.write(`${line}\n`),
    capture: (name, value) => appendFileSync(process.env['HOLDPOINT_OUTPUT'] ?? '/dev/null', `${name}=${value}\n`),
  }
}

function factsOf(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const names = ['version', 'previous', 'environment', 'service', 'commit', 'release', 'attempt']
  return Object.fromEntries(names.map((name) => [name, environment[`HOLDPOINT_${name.toUpperCase()}`] ?? '']))
}

/** What it prints is shown while it runs, and given back when it has ended. */
function runProgram(
  name: string,
  words: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, words, { signal, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      err.push(chunk)
      process.stderr.write(chunk)
    })
    child.on('error', (cause) => reject(programFault(name, cause, signal)))
    child.on('close', (code) =>
      resolve({
        exitCode: code ?? -1,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      }),
    )
    // It may end without reading.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

function programFault(name: string, cause: Error, signal: AbortSignal): ActionFault {
  if (signal.aborted) return new ActionFault('it was told to stop')
  const { code } = cause as { code?: string }
  return new ActionFault(code === 'ENOENT' ? `${name} is not installed where actions run` : `${name}: ${cause.message}`)
}

function wordsOf(fault: unknown): string {
  if (fault instanceof ActionFault || fault instanceof OutboundFault) return fault.message
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
}
