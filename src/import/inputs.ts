/** Values that a block leaves open: each run asks for them, as inputs of the checklist. */
import { blanks } from './joined/metric-queries.ts'

const taken = /\bHOLDPOINT_INPUT_([A-Z][A-Z0-9_]*)\b|\{\{\s*input\.([a-z][a-z0-9_]*)\s*\}\}/g

/** Names of inputs that a block takes, each once, in the order of the block. */
export function inputsOfBlock(block: string): readonly string[] {
  const names = Array.from(block.matchAll(taken), ([, variable, slot]) => (variable ?? slot ?? '').toLowerCase())
  return [...new Set(names)]
}

const own: Readonly<Record<string, string>> = {
  ...blanks,
  set_weight: 'command that gives the new version HOLDPOINT_WEIGHT percent of the traffic',
  read_weight: 'command that prints the percentage which the new version has now',
  base_url: 'where the service answers, such as https://shop.example',
  health_url: 'address that answers while the service is healthy',
}

/** What is to be given, in one sentence; null = its name says it. */
export function inputMeaning(input: string): string | null {
  if (Object.hasOwn(own, input)) return own[input] ?? null
  return input.endsWith('_series') ? `series in Prometheus of ${input.slice(0, -7).replaceAll('_', ' ')}` : null
}

/** The block looks at numbers of a metric source. */
export function asksForNumbers(block: string): boolean {
  return /^```+(?:promql\b|yaml baseline\b|yaml (?:rollout|watch)\b[^]*^ *metrics:)/m.test(block)
}
