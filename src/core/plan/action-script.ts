/** An action of a kind as the plan has it: a script of JSON, which the program `action` reads instead of a shell. */
import type { Json } from '../units.ts'
import { canonicalJson } from '../log/canonical.ts'
import { renderTemplate } from './template.ts'

/** The shell of a command that is no script: see ports/action.ts. */
export const actionShell = 'action'

export interface ActionScript {
  readonly kind: string
  /** `probe` only looks whether it is so, `ask` whether what it needs can be reached. */
  readonly mode: 'run' | 'probe' | 'ask'
  readonly config: Readonly<Record<string, Json>>
}

/** As the process gets it: every text with its values. */
export interface FilledAction extends ActionScript {
  /** Addresses that stand in the document itself; another came out of a value, which may not name every place. */
  readonly literal: readonly string[]
  /** It acts on a protected environment. */
  readonly protected: boolean
}

/** The same settings are the same text. */
export function actionScriptOf(action: ActionScript): string {
  return `${canonicalJson(action)}\n`
}

/** With a value for each `{{ name }}` in its texts, or the name of one that has none. */
export function fillAction(
  script: string,
  variables: Readonly<Record<string, string>>,
  isProtected: boolean,
): { readonly script: string } | { readonly missing: string } {
  const { kind, mode, config } = JSON.parse(script) as ActionScript
  const missing: string[] = []
  const fill = (text: string): string => {
    const filled = renderTemplate(text, variables, 'none')
    missing.push(...filled.missing)
    return filled.text
  }
  const filled: FilledAction = {
    kind,
    mode,
    config: overTexts(config, fill) as FilledAction['config'],
    literal: textsOf(config).filter((text) => /^[a-z][a-z0-9+.-]*:\/\/[^{]*(\/|$)/i.test(text)),
    protected: isProtected,
  }
  return missing[0] === undefined ? { script: `${canonicalJson(filled)}\n` } : { missing: missing[0] }
}

/** Every text anywhere in a value. */
export function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((inner: Json) => textsOf(inner))
}

function overTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((inner: Json) => overTexts(inner, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, overTexts(inner as Json, change)]))
}
