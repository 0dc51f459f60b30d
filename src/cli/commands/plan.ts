/** `plan`: what a checklist would do, and its digest; `--out` keeps it to run exactly this one later. */
import { writeFile } from 'node:fs/promises'
import { printFolded } from '../ask-server.ts'
import type { Run, Values } from '../command-entry.ts'
import { printJson } from '../context.ts'
import type { KeptPlan } from '../document.ts'
import { loadDocument, loadPlan } from '../document.ts'
import { environmentOf, knownInputs } from '../inputs.ts'
import { planCalibration } from '../plan-calibration.ts'
import { rosterNow } from '../roster-asked.ts'
import { rosterLines } from '../roster-text.ts'
import { planDebt } from '../plan-debt.ts'
import { askReadiness, planReadiness } from '../plan-readiness.ts'
import { courseLines, planLines } from '../plan-text.ts'
import { problemText } from '../problem-text.ts'
import type { Line } from '../terminal/line.ts'
import { list, text } from '../values.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { leftOut, type LeftOut } from '../../core/release/left-out.ts'
import type { Json } from '../../core/units.ts'

export const plan: Run = async (context, words, options) => {
  const [file = ''] = words
  if (context.json) {
    const found = await loadDocument(file)
    if (found.plan === null) {
      printJson(context, { plan: null, problems: found.problems })
      return 2
    }
  }
  const loaded = await loadPlan(file)
  const out = text(options, 'out')
  if (out !== null) {
    const kept: KeptPlan = { holdpoint: 'plan', document: loaded.body, root: loaded.root, plan: loaded.plan }
    await writeFile(out, `${JSON.stringify(kept, null, 2)}\n`)
    context.err(`wrote ${out}; run it: holdpoint run ${out} --version VERSION`)
  }
  const left = leftOutOf(loaded.plan, options)
  if (context.json) {
    const readiness = await askReadiness(context, loaded)
    printJson(context, { ...loaded.plan, readiness, ...(left && { leftOut: asJson(left) }) })
    return 0
  }
  for (const problem of loaded.problems) context.err(problemText(problem))
  const now = Date.now()
  for (const line of [...planLines(loaded.plan, left), ...spaced(courseLines(loaded.plan, now))])
    printFolded(context, line)
  for (const line of await planCalibration(context, loaded.plan, file)) printFolded(context, line)
  for (const line of spaced(rosterLines(await rosterNow(loaded.plan)))) printFolded(context, line)
  for (const line of await planReadiness(context, loaded)) printFolded(context, line)
  for (const line of await planDebt(context, loaded.plan)) printFolded(context, line)
  context.out(`\ndigest ${loaded.plan.digest}`)
  return 0
}

/** What a release with these facts would leave out; null = nothing was said of one. */
function leftOutOf(plan: Plan, options: Values): LeftOut | null {
  const [version, previous, environment] = ['version', 'previous', 'env'].map((name) => text(options, name))
  const given = list(options, 'set')
  if (version === null && previous === null && environment === null && given.length === 0) return null
  return leftOut(plan, {
    version: version ?? null,
    previous: previous ?? null,
    environment: environmentOf(plan, environment ?? null),
    inputs: knownInputs(plan, given),
  })
}

function asJson({ phases, steps }: LeftOut): Json {
  return { phases: Object.fromEntries(phases), steps: Object.fromEntries(steps) }
}

/** An empty line before, where there is something to say. */
function spaced(lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [[], ...lines]
}
