/** A checklist from disk: its bytes, the settings beside it, the plan it compiles to, and the repository around it. */
import { execFile } from 'node:child_process'
import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { DocumentBody } from '../api/client-types.ts'
import type { Compiled, Document } from '../core/plan/compile.ts'
import type { Kinds } from '../core/plan/kinds.ts'
import type { Plan, Problem } from '../core/plan/plan.ts'
import { calendarsBeside } from './calendars.ts'
import { UsageFault } from './faults.ts'
import { readGiven } from './given-file.ts'

export interface Loaded {
  readonly plan: Plan | null
  readonly problems: readonly Problem[]
  /** What the engine compiles again; its digest is that of `plan`. */
  readonly body: DocumentBody | null
  /** It says `holdpoint: 1`; null where nobody looked closer. Another document is a team's own, and lint reads its text. */
  readonly isDeclared: boolean | null
  /** Folder of the checklist: where its commands run. */
  readonly root: string
}

/** What `plan --out` writes: the document itself, so that the engine can compile it again, and the digest it must come to. */
export interface KeptPlan {
  readonly holdpoint: 'plan'
  readonly document: DocumentBody
  readonly root: string
  readonly plan: Plan
}

const SHARED = 'holdpoint.yaml'

/** `closer` looks for everything that is wrong with a document that compiles, which takes a moment longer. */
export async function loadDocument(file: string, look: 'plain' | 'closer' = 'plain'): Promise<Loaded> {
  const bytes = await readGiven(file)
  const kept = keptPlan(bytes)
  if (kept) return loadKept(kept, file, look)
  const shared = await sharedBeside(file)
  const root = dirname(await realpath(file))
  return compiled({ file, bytes, shared, calendars: await calendarsBeside(root, bytes, shared) }, root, look)
}

/** The plan, or the problems as a fault of the document. */
export async function loadPlan(file: string): Promise<{
  readonly plan: Plan
  readonly body: DocumentBody
  readonly root: string
  readonly problems: readonly Problem[]
}> {
  const { plan, body, root, problems } = await loadDocument(file)
  if (plan === null || body === null) {
    const { problemText } = await import('./problem-text.ts')
    const errors = problems.filter((problem) => problem.severity === 'error')
    throw new UsageFault(`${file} does not compile\n${errors.map((problem) => problemText(problem)).join('\n')}`)
  }
  return { plan, body, root, problems }
}

async function loadKept(kept: KeptPlan, file: string, look: 'plain' | 'closer'): Promise<Loaded> {
  const { document, root } = kept
  const { file: written, shared, calendars = [] } = document
  const bytes = Buffer.from(document.base64, 'base64')
  const again = await compiled({ file: written, bytes, shared, calendars }, root, look)
  if (again.plan !== null && again.plan.digest !== document.digest)
    throw new UsageFault(
      `${file} was planned by another version of Holdpoint: it came to ${document.digest.slice(0, 12)} then and to ${again.plan.digest.slice(0, 12)} now. Plan again, for example: holdpoint plan ${document.file} --out ${basename(file)}`,
    )
  return again
}

async function compiled(document: Document, root: string, look: 'plain' | 'closer'): Promise<Loaded> {
  const { file, bytes, shared, calendars = [] } = document
  const [read, { kinds }] = await Promise.all([reader(look), import('../app/app.ts')])
  const { plan, problems, isDeclared } = read(document, kinds())
  const base64 = Buffer.from(bytes).toString('base64')
  const body = plan && { file, base64, shared, ...(calendars.length > 0 && { calendars }), digest: plan.digest }
  return { plan, problems, root, isDeclared, body }
}

/** Bytes that lie in no folder of this machine, such as those of a server or of a repository. */
export function compileBytes(document: Document): Promise<Loaded> {
  return compiled(document, process.cwd(), 'plain')
}

type Reader = (document: Document, kinds: Kinds) => Compiled & { readonly isDeclared: boolean | null }

async function reader(look: 'plain' | 'closer'): Promise<Reader> {
  if (look === 'closer') {
    const { lintDocument } = await import('../import/lint/lint-document.ts')
    const today = new Date().toISOString().slice(0, 10)
    return (document, kinds) => lintDocument(document, kinds, today)
  }
  const { compile } = await import('../core/plan/compile.ts')
  return (document, kinds) => ({ ...compile(document, kinds), isDeclared: null })
}

/** `holdpoint.yaml` in the folder of a checklist; null = there is none. */
export async function sharedBeside(file: string): Promise<DocumentBody['shared']> {
  const path = join(dirname(resolve(file)), SHARED)
  try {
    return { file: SHARED, text: await readFile(path, 'utf8') }
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return null
    throw fault
  }
}

function keptPlan(bytes: Uint8Array): KeptPlan | null {
  // A checklist is Markdown; only a kept plan begins like a JSON object.
  if (!/^\s*\{/.test(Buffer.from(bytes.subarray(0, 64)).toString('utf8'))) return null
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const isKept = typeof value === 'object' && value !== null && 'holdpoint' in value && value.holdpoint === 'plan'
    return isKept ? (value as KeptPlan) : null
  } catch {
    return null
  }
}

/** The commit the checklist lies at, and whether anything there differs from it. */
export async function workspaceOf(root: string): Promise<{ root: string; commit: string | null; dirty: boolean }> {
  const commit = await git(root, ['rev-parse', 'HEAD'])
  if (commit === null) return { root, commit: null, dirty: false }
  const status = await git(root, ['status', '--porcelain', '--untracked-files=normal'])
  return { root, commit: commit.trim(), dirty: status === null || status.trim() !== '' }
}

function git(cwd: string, args: readonly string[]): Promise<string | null> {
  return new Promise((settle) => {
    execFile('git', args, { cwd, timeout: 10_000, maxBuffer: 64 << 20 }, (fault, stdout) =>
      settle(fault ? null : stdout),
    )
  })
}
