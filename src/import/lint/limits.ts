/** Rules on numbers: two for one limit, nothing said between two limits, and a use of something whose owner is not said. */
import { limitStatements, type LimitStatement } from './limit-statements.ts'
import { shown, type TextRule } from './text-rule.ts'

/** Limits of a stage may differ from stage to stage. A rule for all of them that is laxer says that a stage is wrong. */
const limitsDisagree: TextRule = (document, report) => {
  const groups = Map.groupBy(limitStatements(document), ({ metric, side, meaning, unit }) =>
    [metric, side, meaning, unit].join('|'),
  )
  for (const group of groups.values()) {
    const [any] = group
    if (!any || any.meaning === 'alert') continue
    const isStrictest = (a: LimitStatement, b: LimitStatement): LimitStatement => (isStricter(b, a) ? b : a)
    const strictest = group.reduce(isStrictest)
    const others = group.filter(
      (each) =>
        each.value !== strictest.value && each.line !== strictest.line && !(stageOf(each) && stageOf(strictest)),
    )
    for (const other of others) {
      report('limits-disagree', other.line, {
        found: `${other.metric} "${other.shown}" here, and "${strictest.shown}" in line ${strictest.line}: which of the two ${words[any.meaning]} is not said`,
        expected: 'one number, or the reason for the other beside it; the stricter one counts until then',
        example: `- ${any.meaning === 'go' ? '[ ] ' : 'Roll back: '}${any.metric} ${strictest.shown}`,
      })
    }
  }
}

const words: Readonly<Record<LimitStatement['meaning'], string>> = {
  go: 'must hold',
  rollback: 'turns back',
  alert: 'calls somebody',
}

function isStricter(a: LimitStatement, b: LimitStatement): boolean {
  const isSmaller = a.value < b.value
  // A rollback above 2 % is stricter than one above 5 %; a requirement below 1 % than one below 2 %.
  return a.value !== b.value && (a.side === (a.meaning === 'rollback' ? 'above' : 'below') ? isSmaller : !isSmaller)
}

function stageOf({ path }: LimitStatement): string | null {
  return (
    path.find((title) =>
      /\b(?:stage|canary|phase)\b.*\d{1,3}\s*%|\d{1,3}\s*%.*\b(?:canary|traffic|stage)/i.test(title),
    ) ?? null
  )
}

/** Limits that belong together: those of one stage, otherwise of one section. */
function homeOf(limit: LimitStatement): string {
  return stageOf(limit) ?? limit.path.join('\n')
}

const limitsGap: TextRule = (document, report) => {
  const all = limitStatements(document)
  for (const back of all.filter(({ meaning, side }) => meaning === 'rollback' && side === 'above')) {
    const home = homeOf(back)
    const go = all.find(
      (each) =>
        each.meaning === 'go' &&
        each.side === 'below' &&
        each.metric === back.metric &&
        each.unit === back.unit &&
        home !== '' &&
        homeOf(each) === home,
    )
    if (!go || go.value >= back.value) continue
    report('limits-gap', back.line, {
      found: `${back.metric} "${go.shown}" to go on (line ${go.line}) and "${back.shown}" to turn back: nothing is said between the two`,
      expected: 'what happens there; a rollout with both limits holds between them',
      example: 'errors: { go: "< 1%", rollback: "> 2%" }',
    })
  }
}

const scopes =
  /\b(?:nodes?|pods?|process|containers?|instances?|hosts?|services?|servers?|cluster|per|backend|api|app|database|db|lambda|tasks?|vms?|workers?|redis|postgres\w*|each|total|jvm|heap|broker|queue)\b/i

const metricWithoutScope: TextRule = (document, report) => {
  for (const { metric, line, text, unit, meaning, shown: said } of limitStatements(document)) {
    if (!['cpu', 'memory', 'disk'].includes(metric) || unit === '' || meaning === 'alert' || scopes.test(text)) continue
    report('metric-without-scope', line, {
      found: `"${shown(text.replace(/^[\s>*+-]*(?:\[.\]\s*)?/, ''), 60)}": ${metric} ${said} of what is not said: a node, a pod, a process, all together`,
      expected: 'a query that says whose it is, or the words',
      example: '- [ ] Memory of each pod of the API < 70 % of its limit',
    })
  }
}

export const limitRules: readonly TextRule[] = [limitsDisagree, limitsGap, metricWithoutScope]
