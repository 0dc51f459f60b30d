/** A step that uses a captured value comes after the step that captures it, also where order would leave them side by side. */
import { actionShell } from './action-script.ts'
import { isInside, waitFor } from './conditions.ts'
import type { Compiling, Draft, DraftStep } from './draft.ts'
import { templateNames } from './template.ts'

export function waitForValues(draft: Draft, compiling: Compiling): void {
  if (compiling.values.size === 0) return
  const position = new Map(draft.steps.map((step, index) => [step, index]))
  const byVariable = new Map([...compiling.values.keys()].map((name) => [name.toUpperCase(), name]))
  const use = (step: DraftStep, name: string): void => {
    const by = compiling.values.get(name)?.by
    if (!by || by === step || isInside(step, by)) return
    if ((position.get(by) ?? 0) < (position.get(step) ?? 0)) waitFor(step, by)
  }
  for (const { step, text } of compiling.templates) {
    if (step) for (const { name } of templateNames(text)) use(step, name)
  }
  for (const step of draft.steps) {
    const text = settingsOf(step)
    for (const [, variable] of text.matchAll(/HOLDPOINT_VALUE_([A-Z0-9_]+)/g))
      use(step, byVariable.get(variable ?? '') ?? '')
    if (hasTemplates(step)) for (const { name } of templateNames(text)) use(step, name)
    if (step.block.word === 'check' && typeof step.block.config['versus'] === 'string')
      use(step, step.block.config['versus'])
  }
}

/** In a script of a shell braces are text. */
function hasTemplates({ block }: DraftStep): boolean {
  return block.word === 'check' || (block.word === 'run' && block.command.shell === actionShell)
}

/** A script, or all settings of a check: names stand in them as nothing that JSON would escape. */
function settingsOf({ block }: DraftStep): string {
  if (block.word === 'run') return block.command.script
  return block.word === 'check' ? JSON.stringify(block.config) : ''
}
