/** Powers for tests of checks: real time, real commands and requests, everything else as the test says. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluateCondition } from '../../core/plan/expression.ts'
import type { CheckDefinition, CheckPowers, CheckResult } from '../../core/ports/check.ts'
import type { CommandResult } from '../../core/ports/launcher.ts'
import { OutboundFault, type OutboundPlace } from '../../core/ports/outbound.ts'

export const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve()
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    }),
}

/** Time that passes only by sleeping. */
export function falseClock(start = 1_000_000): { now: () => number; sleep: (ms: number) => Promise<void> } {
  let now = start
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms
      return Promise.resolve()
    },
  }
}

export function testPowers(overrides: Partial<CheckPowers> = {}): CheckPowers {
  const expectation = overrides.expectation ?? null
  return {
    signal: new AbortController().signal,
    clock,
    variables: {},
    isProtected: false,
    captures: [],
    bindings: () => overrides.variables ?? {},
    timeoutMs: 10_000,
    expectation,
    expect: (facts) => {
      if (expectation === null) return null
      const answer = evaluateCondition(expectation, facts)
      return answer.kind === 'value' ? answer.value : { inconclusive: answer.why }
    },
    command: ({ shell, script, cwd, env }) => runScript(shell, script, cwd, env),
    http: plainHttp,
    place: (address) => Promise.resolve(plainPlace(address)),
    source: (name) => {
      throw new Error(`there is no source ${name}`)
    },
    metric: () => Promise.resolve({ noData: 'nothing is measured here' }),
    series: () => Promise.resolve({ noData: 'nothing is measured here' }),
    reported: () => Promise.resolve(null),
    followUps: () => Promise.resolve([]),
    kept: () => Promise.resolve(null),
    keep: () => Promise.resolve(),
    secret: (name) => `secret-${name}`,
    root: tmpdir(),
    progress: () => {},
    ...overrides,
  }
}

/** As the worker does it: the config through the schema, a fault becomes `errored`. */
export async function runCheck(
  definition: CheckDefinition<never>,
  config: unknown,
  overrides: Partial<CheckPowers> = {},
): Promise<CheckResult> {
  const powers = testPowers(overrides)
  try {
    return await definition.run(definition.config.parse(config), powers)
  } catch (error) {
    if ((error as Error).name === 'ZodError') throw error
    return { outcome: 'errored', say: (error as Error).message, evidence: [] }
  }
}

export function evidenceText(result: CheckResult): string {
  return result.evidence.map((piece) => new TextDecoder().decode(piece.bytes)).join('\n')
}

/** Without a guard: what is allowed is the outbound guard's business, and tested there. */
const plainHttp: CheckPowers['http'] = async (url, init) => {
  try {
    const answer = await fetch(url, { ...init, redirect: init.redirect ?? 'follow' } as RequestInit)
    const bytes = await answer.arrayBuffer()
    return new Response(answer.status === 204 ? null : bytes, { status: answer.status, headers: answer.headers })
  } catch (cause) {
    if (init.signal.aborted) throw new OutboundFault('aborted', 'no answer in time', { retryable: true, cause })
    throw new OutboundFault('unreachable', `it cannot be reached (${String((cause as Error).cause)})`, {
      retryable: true,
      cause,
    })
  }
}

/** Without a guard and without a name server: what stands in the address, which the guard takes without a path only. */
function plainPlace(address: string): OutboundPlace {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#]+:\d+\/?$/i.test(address))
    throw new Error(`"${address}" is no address of a server`)
  const { hostname, port } = new URL(address.replace(/^[^:]+:/, 'http:'))
  const host = hostname.replace(/^\[|\]$/g, '')
  const bare = host === 'localhost' ? '127.0.0.1' : host
  return { host, port: Number(port), addresses: [{ address: bare, family: bare.includes(':') ? 6 : 4 }] }
}

export function ended(overrides: Partial<CommandResult>): CommandResult {
  const nothing = new Uint8Array(0)
  return {
    ended: 'exit',
    exitCode: 0,
    signal: null,
    stdout: nothing,
    stderr: nothing,
    truncated: false,
    output: {},
    startedAt: 0,
    endedAt: 10,
    why: null,
    ...overrides,
  }
}

async function runScript(
  shell: string,
  script: string,
  cwd: string | null,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-check-'))
  const output = join(folder, 'output')
  try {
    const [program, words] =
      shell === 'node' ? ['node', ['-e']] : ['bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c']]
    const child = spawn(program as string, [...(words as string[]), script], {
      cwd: cwd ?? folder,
      env: { PATH: process.env['PATH'], HOLDPOINT_OUTPUT: output, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    const startedAt = Date.now()
    const [exitCode, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on('close', (code, name) => resolve([code, name])),
    )
    return ended({
      exitCode,
      signal,
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr),
      output: readOutput(output),
      startedAt,
      endedAt: Date.now(),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readOutput(path: string): Record<string, string> {
  try {
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.includes('='))
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  } catch {
    return {}
  }
}
