/** Runs an action as the launcher does: the settings in a file, our own program instead of a shell. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actionScriptOf, fillAction } from '../../core/plan/action-script.ts'
import type { Json } from '../../core/units.ts'

export interface ActionEnd {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly captured: Readonly<Record<string, string>>
}

export interface ActionGiven {
  readonly cwd: string
  readonly variables?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly isProtected?: boolean
}

const entry = join(import.meta.dirname, '..', '..', 'app', 'action-main.ts')

export async function runActionProcess(
  kind: string,
  mode: 'run' | 'probe' | 'ask',
  config: Readonly<Record<string, Json>>,
  given: ActionGiven,
): Promise<ActionEnd> {
  const filled = fillAction(actionScriptOf({ kind, mode, config }), given.variables ?? {}, given.isProtected ?? false)
  if ('missing' in filled) throw new Error(`{{ ${filled.missing} }} has no value`)
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-action-'))
  const output = join(folder, 'output')
  try {
    writeFileSync(join(folder, 'script'), filled.script)
    writeFileSync(output, '')
    const child = spawn(process.execPath, [entry, join(folder, 'script')], {
      cwd: given.cwd,
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        HOME: folder,
        HOLDPOINT_OUTPUT: output,
        ...given.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text))
    const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))
    return { exitCode, ...texts, captured: capturedIn(readFileSync(output, 'utf8')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function capturedIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
