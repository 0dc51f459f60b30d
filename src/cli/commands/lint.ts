/** `lint`: the problems of a checklist. Findings are exit 1, a document that does not compile is exit 2. */
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { loadDocument } from '../document.ts'
import { problemText } from '../problem-text.ts'
import { countWords } from '../../report/words.ts'

export const lint: Run = async (context, words) => {
  const [file = ''] = words
  const { plan, problems } = await loadDocument(file, 'closer')
  const errors = problems.filter((problem) => problem.severity === 'error').length
  if (context.json) printJson(context, { file, compiles: plan !== null, digest: plan?.digest ?? null, problems })
  else {
    for (const problem of problems) context.out(problemText(problem))
    const warnings = problems.length - errors
    const steps = plan ? `, ${countWords(plan.steps.length, 'step')}` : ''
    context.err(
      problems.length === 0
        ? `${file}: no problems${steps}`
        : `${file}: ${countWords(errors, 'error')}, ${countWords(warnings, 'warning')}${steps}`,
    )
  }
  if (plan === null) return 2
  return problems.length > 0 ? 1 : 0
}
