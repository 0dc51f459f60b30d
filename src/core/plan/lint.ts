/** What is wrong with a release document that compiles: each rule is small, has a stable code and a paragraph in docs/lint.md. */
import type { LintCode } from './codes.ts'
import { compileWithReading, type Compiled, type Document, type Reading } from './compile.ts'
import { releaseNames } from './conditions.ts'
import type { Kinds } from './kinds.ts'
import { commandRules } from './lint-commands.ts'
import { judgeRules } from './lint-judge.ts'
import { numberRules } from './lint-numbers.ts'
import { scriptRules } from './lint-scripts.ts'
import { valueRules } from './lint-values.ts'
import { nearest } from './nearest.ts'
import { placeholderThatRuns } from './placeholder.ts'
import type { Place, Plan, Problem, StepPlan } from './plan.ts'
import { Problems, type Remark } from './problem.ts'

export type Report = (code: LintCode, place: Place, remark: Remark) => void
export type LintRule = (plan: Plan, reading: Reading, report: Report) => void

/** Compiles, and looks closer at what compiles. */
export function lint(document: Document, kinds: Kinds): Compiled {
  const { plan, problems, reading } = compileWithReading(document, kinds)
  if (!plan || !reading) return { plan, problems }
  const found = new Problems(document.file)
  for (const rule of rules) rule(plan, reading, (code, place, remark) => found.warn(code, place, remark))
  const all: Problem[] = [...problems, ...found.inOrder()]
  return { plan, problems: all.sort((a, b) => a.line - b.line || a.column - b.column) }
}

const undoMissing: LintRule = (plan, _reading, report) => {
  for (const step of stepsOf(plan, plan.unreversed)) {
    report('undo-missing', at(step), {
      found: `the action of "${step.text.slice(0, 60)}", which nothing takes back`,
      expected: 'an "undo" block, a rollback phase, or "irreversible" with the reason',
      example: '```sh undo\nkubectl rollout undo deploy/checkout\n```',
    })
  }
}

const rollbackMissing: LintRule = (plan, _reading, report) => {
  const rollout = plan.steps.find((step) => step.block.word === 'rollout')
  const takesBack =
    plan.phases.some((phase) => phase.kind === 'rollback') || plan.steps.some((step) => step.undo !== null)
  if (!rollout || takesBack) return
  report('rollback-missing', at(rollout), {
    found: 'a rollout, and nothing that says how the version before comes back',
    expected: 'a phase of kind rollback, or "undo" blocks; traffic itself goes back to stable',
    example: '## Rollback\n```yaml phase\nkind: rollback\n```',
  })
}

/** A baseline closes by itself: nobody has to answer it. */
function isForPeople({ block }: StepPlan): boolean {
  return block.word === 'answer' || (block.word === 'fields' && block.baseline !== true)
}

const ownerMissing: LintRule = (plan, _reading, report) => {
  if (!Object.values(plan.environments).some((environment) => environment.protected)) return
  for (const step of plan.steps) {
    if (!isForPeople(step) || step.owner !== null || phaseOf(plan, step)?.kind === 'reference') continue
    report('owner-missing', at(step), {
      found: `"${step.text.slice(0, 60)}" without an owner, in a document with a protected environment`,
      expected: 'owner: who answers, on the step, its group or its phase',
      example: '```yaml answer owner=platform\n```',
    })
  }
}

/** In code that runs, a placeholder is a bug; in prose it may be what the reader shall see. */
const placeholderLeft: LintRule = (_plan, reading, report) => {
  for (const fence of reading.tree.fences) {
    if (!isRead(fence, reading)) continue
    fence.body.split('\n').forEach((text, index) => {
      const match = placeholderThatRuns(text)
      if (!match) return
      report(
        'placeholder-left',
        { line: fence.line + 1 + index, column: match.offset + 1 },
        {
          found: `the placeholder "${match.name}" in a block that runs`,
          expected: 'the value itself, or a variable such as $HOLDPOINT_VERSION',
          example: 'docker pull shop/api:"$HOLDPOINT_VERSION"',
        },
      )
    })
  }
}

function isRead(fence: Reading['tree']['fences'][number], reading: Reading): boolean {
  return reading.isDeclared && reading.blocks.has(fence)
}

const tokens: readonly (readonly [string, RegExp])[] = [
  ['an AWS access key', /\bA(?:KIA|SIA)[A-Z0-9]{16}\b/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}/],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{10,}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a JSON web token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/],
  ['a bearer token', /\bBearer\s+[A-Za-z0-9._~+/-]{20,}/],
  ['a password in an address', /\b[a-z][a-z0-9+]{1,12}:\/\/[^\s/:@{}$]+:[^\s/@{}$]{3,}@/],
  [
    'a password of curl',
    /\bcurl\b[^|;]{0,200}\s(?:-u|--user)[= ]?["']?[\w.@-]+:(?!(?:password|pass|passwd|secret)\b|[$<{*"'\s])[^\s"'$<{]{3,}/i,
  ],
  [
    'a password',
    /(?<![A-Za-z])(?:password|passwd|secret|api[_-]?key|token)["']?\s*[=:]\s*["']?(?![$<{*"'\s])(?=\S*\d)[A-Za-z0-9+/_=-]{12,}/i,
  ],
]

const secretInClear: LintRule = (_plan, reading, report) => {
  reading.tree.lines.forEach((text, index) => {
    const found = secretIn(text)
    if (found) report('secret-in-clear', { line: index + 1, column: found.column }, found.remark)
  })
}

/** What in this line looks like a secret in clear. */
export function secretIn(text: string): { readonly column: number; readonly remark: Remark } | null {
  const found = text.length > 4000 ? undefined : tokens.find(([, pattern]) => pattern.test(text))
  if (!found) return null
  return {
    column: text.search(found[1]) + 1,
    remark: {
      found: `what looks like ${found[0]}`,
      expected: 'a secret by name: its value never stands in a document',
      example: 'secrets: { API_TOKEN: { env: API_TOKEN } }',
    },
  }
}

/** Kinds whose values are named in the block itself. */
const namesItself = new Set(['command', 'http', 'scenario', 'freeze', 'external'])

const lostCapture: LintRule = (plan, reading, report) => {
  for (const { block, line } of plan.steps) {
    if (block.word !== 'check' && block.word !== 'run') continue
    const { captures, captureFrom = {} } = block.word === 'check' ? block : block.command
    const kind = block.word === 'check' ? reading.compiling.kinds.checks.get(block.kind) : undefined
    const facts = kind && !namesItself.has(kind.kind) ? Object.keys(kind.facts) : null
    for (const name of captures) {
      const from = captureFrom[name] ?? name
      if (Object.hasOwn(releaseNames, name))
        report(
          'lost-capture',
          { line, column: 1 },
          {
            found: `the captured "${name}", which is hidden by what every release calls so`,
            expected: 'another name for it',
            example: `capture="deployed_${name} from ${from}"`,
          },
        )
      else if (facts !== null && !facts.includes(from))
        report(
          'lost-capture',
          { line, column: 1 },
          {
            found: `the captured "${from}", which the kind ${kind?.kind ?? ''} does not tell`,
            expected: nearest(from, facts),
            example: `capture="${name} from ${facts[0] ?? 'value'}"`,
          },
        )
    }
  }
}

/** Where some components have their deploying action, one without is easily forgotten. */
const componentNotDeployed: LintRule = (plan, _reading, report) => {
  const moved = new Set(
    plan.steps.flatMap((step) =>
      step.block.word === 'rollout' ? step.block.components.map((component) => component.name) : [],
    ),
  )
  const deployed = new Set(
    plan.steps.flatMap((step) =>
      step.block.word === 'run' && step.block.component !== null ? [step.block.component] : [],
    ),
  )
  if (deployed.size === 0) return
  for (const step of plan.steps) {
    if (step.block.word !== 'rollout') continue
    for (const { name } of step.block.components.filter(
      (component) => !deployed.has(component.name) && moved.has(component.name),
    )) {
      report('component-not-deployed', at(step), {
        found: `the component "${name}", whose traffic moves but which no action deploys`,
        expected: `component=${name} on the "run" that deploys it, as on the others`,
        example: `\`\`\`sh run component=${name}`,
      })
    }
  }
}

/** Without `{{arm}}` both arms read the same number, and the canary hides in the traffic of stable. */
const metricWithoutArm: LintRule = (plan, _reading, report) => {
  for (const step of plan.steps) {
    if (step.block.word !== 'rollout') continue
    for (const metric of step.block.judge.metrics) {
      if (Object.values(metric.queries).every((query) => /\{\{\s*arm\s*\}\}/.test(query))) continue
      report('metric-without-arm', at(step), {
        found: `the metric "${metric.name}" with a query that reads canary and stable together`,
        expected: '{{arm}} among the labels of each query',
        example: 'rate(http_requests_total{code=~"5..",{{arm}}}[1m])',
      })
    }
  }
}

const endsBelowFull: LintRule = (plan, _reading, report) => {
  for (const step of plan.steps) {
    const last = step.block.word === 'rollout' ? step.block.stages.at(-1) : undefined
    if (!last || last.weightPercent === 100) continue
    report(
      'ends-below-full',
      { line: last.line, column: 1 },
      {
        found: `a rollout whose last stage has ${last.weightPercent}% of the traffic`,
        expected: 'a last stage with 100%',
        example: '{ weight: 100%, soak: 15m }',
      },
    )
  }
}

/** Without a metric the judge sees weights only, and time alone would promote. */
const stageUnjudged: LintRule = (plan, _reading, report) => {
  for (const step of plan.steps) {
    if (step.block.word !== 'rollout' || step.block.judge.metrics.length > 0) continue
    for (const stage of step.block.stages.filter((each) => each.promote === null && each.steps.length === 0)) {
      report(
        'stage-unjudged',
        { line: stage.line, column: 1 },
        {
          found: `the stage "${stage.title}", which is left after its time whatever happens`,
          expected: 'metrics for the judge, steps in the stage, or "promote" with a role',
          example: '{ weight: 25%, soak: 1h, promote: release-engineer }',
        },
      )
    }
  }
}

const rules: readonly LintRule[] = [
  undoMissing,
  rollbackMissing,
  ownerMissing,
  placeholderLeft,
  secretInClear,
  ...valueRules,
  ...scriptRules,
  lostCapture,
  componentNotDeployed,
  metricWithoutArm,
  endsBelowFull,
  stageUnjudged,
  ...numberRules,
  ...judgeRules,
  ...commandRules,
]

function at(step: StepPlan): Place {
  return { line: step.line, column: 1 }
}

function stepsOf(plan: Plan, ids: readonly string[]): readonly StepPlan[] {
  const wanted = new Set(ids)
  return plan.steps.filter((step) => wanted.has(step.id))
}

function phaseOf(plan: Plan, step: StepPlan): Plan['phases'][number] | undefined {
  return plan.phases.find((phase) => phase.id === step.phase)
}
