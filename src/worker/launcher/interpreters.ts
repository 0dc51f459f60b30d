/** How a script of each shell is started: which program, with which words before the script file. */
import { accessSync, constants, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type CommandUser, mayUse } from './command-user.ts'

const STRICT_BASH = ['bash', '--noprofile', '--norc', '-euo', 'pipefail'] as const

const INTERPRETERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  sh: STRICT_BASH,
  bash: STRICT_BASH,
  posix: ['sh', '-eu'],
  python: ['python3'],
  node: ['node'],
}

/** Actions of a kind run our own program, under the Node that runs this. */
const ACTION = [
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, '..', '..', 'app', `action-main${extname(import.meta.filename)}`),
]

export type Interpreter =
  | { readonly kind: 'found'; readonly program: string; readonly words: readonly string[] }
  | { readonly kind: 'missing'; readonly why: string }

const known = new Map<string, string>()

/** `user` = who has to be allowed to run it; null = this process's own. */
export function interpreterOf(shell: string, path: string, user: CommandUser | null = null): Interpreter {
  if (shell === 'action') return ownProgram(user)
  const line = Object.hasOwn(INTERPRETERS, shell) ? INTERPRETERS[shell] : undefined
  if (line === undefined)
    return { kind: 'missing', why: `no shell "${shell}"; there are ${Object.keys(INTERPRETERS).join(', ')}` }
  const [name, ...words] = line
  const program = findProgram(name, path, user)
  if (program === null) return { kind: 'missing', why: `${name} is not installed (${notFound(path, user)})` }
  return { kind: 'found', program, words }
}

function ownProgram(user: CommandUser | null): Interpreter {
  if (user === null || mayUse(user, process.execPath))
    return { kind: 'found', program: process.execPath, words: ACTION }
  return { kind: 'missing', why: `user ${user.uid} may not run ${process.execPath}, which actions of a kind run in` }
}

/** Found once per PATH: the system would search the folders again for every start. */
function findProgram(name: string, path: string, user: CommandUser | null): string | null {
  const key = `${path}\n${name}`
  const before = known.get(key)
  if (before !== undefined && mayBeRun(before)) return before
  for (const folder of path.split(':')) {
    const program = join(folder === '' ? '.' : folder, name)
    if (!isProgram(program) || (user !== null && !mayUse(user, program))) continue
    known.set(key, program)
    return program
  }
  return null
}

function notFound(path: string, user: CommandUser | null): string {
  return user === null ? `not found in ${path}` : `user ${user.uid} may run none in ${path}`
}

function isProgram(path: string): boolean {
  return mayBeRun(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function mayBeRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
