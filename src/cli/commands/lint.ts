/** `lint`: the problems of a document. Findings are exit 1, errors exit 2. */
import { writeFile } from 'node:fs/promises'
import type { Problem } from '../../core/plan/plan.ts'
import type { Fix } from '../../import/lint/fix.ts'
import type { Run } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { printJson } from '../context.ts'
import { loadDocument, type Loaded } from '../document.ts'
import type { ExitCode } from '../faults.ts'
import { UsageFault } from '../faults.ts'
import { readGiven } from '../given-file.ts'
import { problemText } from '../problem-text.ts'
import { countWords } from '../../report/words.ts'

export const lint: Run = async (context, words, options) => {
  const [file = ''] = words
  const asSarif = options['sarif'] === true
  if (asSarif && context.json)
    throw new UsageFault(
      '--json and --sarif are two formats of one output; choose one, for example: holdpoint lint RELEASE.md --sarif',
    )
  const fixed = options['fix'] === true ? await fix(file) : []
  const loaded = await loadDocument(file, 'closer')
  if (asSarif) await printSarif(context, loaded.problems)
  else if (context.json) {
    const { plan, problems, isDeclared } = loaded
    const digest = plan?.digest ?? null
    printJson(context, { file, compiles: plan !== null, digest, problems, declared: isDeclared === true, fixed })
  } else show(context, file, loaded, fixed)
  return exitOf(loaded.problems)
}

function exitOf(problems: readonly Problem[]): ExitCode {
  if (problems.some(({ severity }) => severity === 'error')) return 2
  return problems.length > 0 ? 1 : 0
}

/** A kept plan is no document: what stands in it was planned, and is not changed any more. */
async function fix(file: string): Promise<readonly Fix[]> {
  const bytes = await readGiven(file)
  if (/^\s*\{/.test(bytes.subarray(0, 64).toString('utf8')))
    throw new UsageFault(
      `${file} is a kept plan and cannot be mended; mend its document, for example: holdpoint lint RELEASE.md --fix`,
    )
  const { fixDocument } = await import('../../import/lint/fix.ts')
  const { bytes: mended, fixes } = fixDocument(bytes)
  if (fixes.length > 0) await writeFile(file, mended)
  return fixes
}

async function printSarif(context: Context, problems: readonly Problem[]): Promise<void> {
  const [{ sarifOf }, { programVersion }] = await Promise.all([
    import('../../report/sarif.ts'),
    import('../../config/version.ts'),
  ])
  context.out(JSON.stringify(sarifOf(problems, { version: programVersion() }), null, 2))
}

function show(context: Context, file: string, { plan, problems, isDeclared }: Loaded, fixed: readonly Fix[]): void {
  for (const { line, what, code } of fixed) context.err(`${file}:${line}  mended: ${what}  [${code}]`)
  for (const problem of problems) context.out(problemText(problem))
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const steps = plan ? `, ${countWords(plan.steps.length, 'step')}` : ''
  const counts =
    problems.length === 0
      ? 'no problems'
      : `${countWords(errors, 'error')}, ${countWords(problems.length - errors, 'warning')}`
  context.err(`${file}: ${counts}${steps}`)
  if (isDeclared === false && errors === 0)
    context.err(
      `It does not say "holdpoint: 1", so its text was looked at; holdpoint import ${file} shows what could run.`,
    )
}
