/** Whether a scanner looked at anything at all: a report without findings of nothing is no proof. */
import { readJson, textOf, type Tree, treeOf, treesIn } from './fault.ts'
import type { FindingsFormat } from './findings.ts'

/** Why this report, which its reader could read, is no proof of anything; null = something was looked at. */
export function whyNoProof(format: FindingsFormat, text: string): string | null {
  return reasons[format](treeOf(readJson(text)) ?? {})
}

const reasons: Readonly<Record<FindingsFormat, (root: Tree) => string | null>> = {
  sarif: (root) => {
    const runs = treesIn(root['runs'], 'runs')
    if (runs.length === 0) return 'it holds no run of a tool'
    const why = runs.map(whyRunIsNone).find((one) => one !== null)
    return why ?? null
  },
  'npm-audit': (root) =>
    treeOf(treeOf(root['metadata'])?.['dependencies'])?.['total'] === 0 ? 'it counts no dependency' : null,
  'pip-audit': (root) => (treesIn(root['dependencies'], 'dependencies').length === 0 ? 'it lists no dependency' : null),
  'cargo-audit': (root) => (treeOf(root['lockfile'])?.['dependency-count'] === 0 ? 'it counts no dependency' : null),
  trivy: (root) =>
    treesIn(root['Results'], 'Results').length === 0
      ? 'it lists no target (Results), so Trivy knew nothing there'
      : null,
  zap: (root) => (Array.isArray(root['site']) && root['site'].length === 0 ? 'it lists no site' : null),
  bandit: (root) => (treeOf(treeOf(root['metrics'])?.['_totals'])?.['loc'] === 0 ? 'it counts no line of code' : null),
}

/** SARIF 2.1.0, sections 3.14.23 and 3.20.14: without results nothing was computed, and a tool may say that it failed. */
function whyRunIsNone(run: Tree): string | null {
  const name = textOf(treeOf(treeOf(run['tool'])?.['driver'])?.['name'])
  const who = name === '' ? 'the tool' : name
  if (!Array.isArray(run['results'])) return `${who} tells no results, not even that there are none`
  const hasFailed = treesIn(run['invocations'], 'invocations').some((one) => one['executionSuccessful'] === false)
  return hasFailed ? `${who} did not come to its end (executionSuccessful: false)` : null
}
