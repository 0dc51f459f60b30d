/** Sentences that a check or an action of a kind can answer: how they are told, and what is proposed of them. */
import type { Around, Finding, ImportItem, Kind, Recogniser, Risk } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { holdsItems, isStep } from '../reading/place.ts'
import { mayFitAny, sieved, type Sieved } from '../sieve/sieve.ts'

export interface Statement {
  /** Matched against the words with their marks, without `make sure that`. */
  readonly text: RegExp
  readonly unless?: RegExp
  /** Matched against the headings above and the words of the item around. */
  readonly above?: RegExp
  readonly kind: Kind
  /** What the block sees, or does not see of the words. */
  readonly why: string
  readonly risk?: Risk
  /** null = something that the block cannot do without is not said. */
  readonly propose: (said: RegExpExecArray, item: ImportItem, around: Around) => string | null
}

/** It adds a block to what others take the item for, and decides only where nobody else knows it. */
const aside = 0.04

/** Whether it is so at all is not said. */
const open = sieved(/\?\s*$|\b(?:do not|don['’]t|never|not yet|todo|tbd)\b/i)

/** Whoever has to make sure of it lets it be checked. */
const asking = /^(?:please )?(?:make sure|ensure|verify|check|confirm)(?: that)?\s+/i

export function byStatement(name: string, statements: readonly Statement[]): Recogniser {
  const all = statements.map((each) => ({
    ...each,
    text: sieved(each.text),
    unless: each.unless ? sieved(each.unless) : null,
    above: each.above ? sieved(each.above) : null,
  }))
  const mayFit = mayFitAny(statements.map(({ text }) => text))
  const isAbove = (pattern: Sieved | null, item: ImportItem, around: Around): boolean =>
    pattern?.test(`${item.section.slice(-3).join(' > ')} > ${around.parent?.text ?? ''}`.slice(0, 400)) ?? true
  return {
    name,
    recognise: (item, around): Finding | null => {
      if (!isStep(item, around) || holdsItems(item)) return null
      const text = item.marked.slice(0, 300).replace(asking, '')
      if (!mayFit(text) || open.test(text)) return null
      for (const { text: pattern, unless, above, kind, why, risk, propose } of all) {
        const said = pattern.exec(text)
        if (!said || unless?.test(text) || !isAbove(above, item, around)) continue
        const block = propose(said, item, around)
        if (block === null) continue
        return finding(item, around, { kind, why, confidence: aside, proposal: { block, risk: risk ?? 'reads' } })
      }
      return null
    },
  }
}
