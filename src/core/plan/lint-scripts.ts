/** Lint of `{{ name }}` in commands: there it stays as it is written, and what was meant is in the environment. */
import { actionShell } from './action-script.ts'
import { releaseNames } from './conditions.ts'
import { environmentName } from './environment-name.ts'
import type { LintRule } from './lint.ts'
import { namesOf } from './lint-values.ts'
import type { Plan, StepPlan } from './plan.ts'
import { templateNames } from './template.ts'

/** Names that nothing gives are left alone: other tools have such braces too, as `docker ps --format '{{.Names}}'`. */
const valueInScript: LintRule = (plan, reading, report) => {
  const known = namesOf(plan, reading)
  for (const step of plan.steps) {
    const names = new Set(scriptsOf(step).flatMap((script) => templateNames(script).map(({ name }) => name)))
    for (const name of names) {
      const instead = variableFor(name, step, plan, known)
      if (instead === null) continue
      report(
        'value-in-script',
        { line: step.line, column: 1 },
        {
          found: `{{ ${name} }} in a command, where it stays as it is written`,
          expected: `its value in the environment: "$${instead}"`,
          example: './deploy.sh "$HOLDPOINT_VERSION"',
        },
      )
    }
  }
}

function scriptsOf({ block, undo }: StepPlan): readonly string[] {
  const own: readonly unknown[] = [
    block.word === 'check' && block.kind === 'command' ? block.config['script'] : null,
    block.word === 'run' && block.command.shell !== actionShell ? block.command.script : null,
    undo !== null && undo.shell !== actionShell ? undo.script : null,
  ]
  return own.filter((script) => typeof script === 'string')
}

/** null = no value of ours is meant. */
function variableFor(name: string, { block }: StepPlan, plan: Plan, known: ReadonlySet<string>): string | null {
  if (name.startsWith('secret.')) return name.slice('secret.'.length)
  if (block.word === 'check' && block.matrix !== undefined && Object.hasOwn(block.matrix, name)) return name
  if (Object.hasOwn(plan.inputs, name)) return `HOLDPOINT_INPUT_${environmentName(name)}`
  if (name.startsWith('input.') && known.has(name)) return `HOLDPOINT_INPUT_${environmentName(name.slice(6))}`
  if (given.has(name)) return `HOLDPOINT_${environmentName(name)}`
  return known.has(name) && !Object.hasOwn(releaseNames, name) ? `HOLDPOINT_VALUE_${environmentName(name)}` : null
}

/** What every command finds in its environment. */
const given = new Set(['version', 'previous', 'environment', 'service', 'commit', 'release', 'release_type'])

export const scriptRules: readonly LintRule[] = [valueInScript]
