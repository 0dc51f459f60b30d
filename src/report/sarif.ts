/** Problems of documents as SARIF 2.1.0, the format in which code hosts and editors take findings. */
import type { Problem } from '../core/plan/plan.ts'

export interface SarifTool {
  readonly version: string
}

interface SarifRule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly fullDescription: { readonly text: string }
  readonly help: { readonly text: string }
}

interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: 'error' | 'warning'
  readonly message: { readonly text: string }
  readonly locations: readonly SarifLocation[]
  readonly partialFingerprints: { readonly holdpoint: string }
}

interface SarifLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string }
    readonly region: { readonly startLine: number; readonly startColumn: number }
  }
}

export interface Sarif {
  readonly $schema: string
  readonly version: '2.1.0'
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly name: string
        readonly version: string
        readonly rules: readonly SarifRule[]
      }
    }
    readonly columnKind: 'utf16CodeUnits'
    readonly results: readonly SarifResult[]
  }[]
}

/** One run with one result for each problem; lines and columns count from 1, columns in UTF-16 units. */
export function sarifOf(problems: readonly Problem[], { version }: SarifTool): Sarif {
  const codes = [...new Set(problems.map(({ code }) => code))].sort()
  const rules = codes.map((code) => ({
    id: code,
    shortDescription: { text: code.replaceAll('-', ' ') },
    fullDescription: { text: `${code.replaceAll('-', ' ')}, a rule of holdpoint lint` },
    help: { text: `docs/lint.md of Holdpoint says under ${code} what is wrong, why, and what is right.` },
  }))
  const driver = { name: 'Holdpoint', version, rules }
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => resultOf(problem, codes.indexOf(problem.code))),
      },
    ],
  }
}

function resultOf(problem: Problem, ruleIndex: number): SarifResult {
  const { file, line, column, code, severity, found, expected, example } = problem
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: `${sentence(found)} Expected: ${sentence(expected)} For example: ${example}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: Math.max(1, line), startColumn: Math.max(1, column) },
        },
      },
    ],
    // Stays the same when lines above are added, so that a host knows a finding again.
    partialFingerprints: { holdpoint: `${code}:${found}` },
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** A relative path stays relative: hosts resolve it against the root of the repository. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').replace(/^\.\//, '')
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${encoded}` : encoded
}
