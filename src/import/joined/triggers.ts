/** Rules to turn back at become triggers, where they are numbers; they stand under the heading of their list. */
import type { Recognised } from '../recognise.ts'
import { limitsIn, type FoundLimit } from './limits.ts'
import { valueQuery } from './metric-queries.ts'

interface FoundTrigger {
  readonly at: number
  readonly block: string
}

/** Changes the entries of `seen`: the heading gets the blocks, each rule points to it. */
export function proposeTriggers(seen: Recognised[]): void {
  const byHolder = new Map<number, FoundTrigger[]>()
  let holder = -1
  for (const [at, each] of seen.entries()) {
    if (each.item.form === 'heading' && each.item.parent === null) holder = at
    const { kind, item, params } = each
    if (kind !== 'rollback-trigger' || item.form === 'prose' || item.form === 'heading' || each.proposal) continue
    const [limit] = limitsIn(item.text).filter((found) => !found.isRelative && isWorse(found))
    if (!limit || seen[holder]?.item.insert == null) continue
    const { severity, action } = params
    const block = triggerBlock(
      limit,
      typeof severity === 'string' ? severity : null,
      action === 'ask' ? 'ask' : 'rollback',
    )
    const triggers = byHolder.get(holder)
    if (triggers) triggers.push({ at, block })
    else byHolder.set(holder, [{ at, block }])
  }
  for (const [at, triggers] of byHolder) {
    const holder = seen[at]
    // Of two blocks with the same words one is enough.
    const blocks = [...new Set(triggers.map(({ block }) => block))]
    if (!holder || holder.proposal) continue
    const count = blocks.length === 1 ? 'One rule below it is a number' : `${blocks.length} rules below it are numbers`
    seen[at] = {
      ...holder,
      why: `${count}: watched from the first request of the new version to the end of the last watch.`,
      proposal: { block: blocks.join('\n'), risk: 'reads' },
    }
    for (const trigger of triggers) {
      const rule = seen[trigger.at]
      if (rule) seen[trigger.at] = { ...rule, why: `${rule.why} Its trigger is proposed at line ${holder.item.line}.` }
    }
  }
}

/** A trigger fires on the bad side. */
function isWorse({ metric, operator }: FoundLimit): boolean {
  return (metric.worse === 'higher') === operator.startsWith('>')
}

function triggerBlock(limit: FoundLimit, severity: string | null, action: 'ask' | 'rollback'): string {
  const side = limit.operator.startsWith('>') ? 'above' : 'below'
  const settings = [
    'on=metrics',
    `${side}=${limit.value}${limit.unit}`,
    ...(limit.lasts === null ? [] : [`for=${limit.lasts}`]),
    ...(severity === null ? [] : [`severity=${severity}`]),
    `action=${action}`,
  ]
  return `\`\`\`promql trigger ${settings.join(' ')}\n${valueQuery(limit.metric, limit.quantile)}\n\`\`\``
}
