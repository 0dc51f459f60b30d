/** Rules that people decide by: go and no-go, gates over whole sections, and what is always or never done. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { conditionIn, isListItem, isStep } from '../reading/place.ts'
import { severityIn } from '../reading/statement.ts'
import { sieved } from '../sieve/sieve.ts'

const never = /^\W*(?:don['’]?ts?\W*$|do not\b|never\b|avoid\b)/i
const always = /^\W*(?:dos?\W*$|always\b|best practices?\W*$)/i

const outcomes = sieved(/^\W*(proceed|go|continue|promote|rollback|roll back|no-?go|abort|stop|hold|pause)\b\W*[:–—-]/i)
const deciding = sieved(
  /\b(?:decision|go\/no-?go|assess (?:severity|impact|rollback|feasib)|criteria (?:are )?(?:defined|agreed|documented)|hotfix or rollback|fix forward|roll forward)\b/i,
)

export const decisionRule: Recogniser = {
  name: 'decision-rule',
  recognise: (item, around) => {
    const text = item.text.slice(0, 500)
    const heading = item.section.at(-1) ?? ''
    const say = (why: string, confidence: number, params = {}, role: 'rule' | 'step' = 'rule') =>
      finding(item, around, {
        kind: 'decision-rule',
        role,
        confidence,
        why,
        params,
        alsoKinds: /\brollback\b/i.test(text) ? ['rollback-trigger'] : [],
      })
    if (isListItem(item)) {
      const outcome = outcomes.exec(text)?.[1]
      if (outcome !== undefined) {
        const consequence = /^(?:proceed|go|continue|promote)$/i.test(outcome)
          ? 'proceed'
          : /hold|pause/i.test(outcome)
            ? 'hold'
            : 'rollback'
        return say(
          `It says when to ${consequence === 'rollback' ? 'roll back' : consequence}; limits like these go into the judge of a rollout.`,
          0.94,
          { consequence },
        )
      }
      if (item.checked === null && item.form === 'bullet') {
        if (never.test(heading))
          return say('It is something that is never done.', 0.6, {
            operator: 'eq',
            value: 'false',
            severity: 'blocker',
          })
        if (
          /^(?:notes?|guidelines?|policy|policies|principles|rules)$/i.test(heading) &&
          /^(?:always|never|keep|have|document|ensure|do not|don['’]t|use|make sure|avoid)\b/i.test(text)
        )
          return finding(item, around, {
            kind: 'manual',
            role: 'rule',
            alsoKinds: ['decision-rule'],
            confidence: 0.55,
            why: 'It is something that holds for every release.',
          })
        if (always.test(heading)) return say('It is something that is always done.', 0.6, { severity: 'blocker' })
      }
      if (isStep(item, around) && deciding.test(text))
        return say('A person decides here, by rules that are agreed before.', 0.84, {}, 'step')
      return null
    }
    if (item.form === 'prose') {
      if (/^\W*go\s?\/\s?no-?go\b|^\W*(?:decision|promotion) (?:criteria|rules?|point)\b/i.test(text))
        return say('What follows decides whether to go on.', 0.9)
      if (
        /\b(?:complete|completed|use|document)\b.{0,120}\b(?:before|prior to)\s+(?:promot|proceed|deploy|releas|moving|going)/i.test(
          text,
        ) ||
        /\bmust be (?:complete|done|verified|checked)/i.test(text)
      )
        return say('It must hold before anything goes on.', 0.85, { severity: 'blocker', operator: 'eq', value: 'all' })
      if (/^applies to\s*:/i.test(text))
        return say('It says for which releases this holds.', 0.92, {
          operator: 'eq',
          value: 'always',
          severity: 'blocker',
        })
      const condition = conditionIn(text)
      if (condition !== null && text.length < 100 && /\)\s*:?$/.test(text))
        return say('What follows is only done under this condition.', 0.6, { condition })
      return null
    }
    if (item.form === 'heading' && severityIn(text) === null) {
      const condition = conditionIn(text)
      if (condition !== null) return say('What stands below is only done under this condition.', 0.7, { condition })
    }
    return null
  },
}
