/** What makes a release turn back: lists under "When to roll back", by severity, and lines that open a rollback section. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { isListItem, leadOf, sectionText } from '../reading/place.ts'
import { severityIn } from '../reading/statement.ts'

const triggers =
  /\b(?:when to (?:roll\s?back|revert|abort)|rollback (?:triggers?|criteria|conditions?)|(?:immediate|consider(?:ed)?|automatic|mandatory) rollback|abort (?:criteria|conditions?))\b/i

export const rollbackTrigger: Recogniser = {
  name: 'rollback-trigger',
  recognise: (item, around) => {
    const text = item.text.slice(0, 400)
    const heading = item.section.at(-1) ?? ''
    if (item.form === 'prose') {
      if (triggers.test(text) && text.length < 160)
        return finding(item, around, {
          kind: 'rollback-trigger',
          role: 'rule',
          confidence: 0.9,
          params: { severity: severityIn(text), action: /consider/i.test(text) ? 'ask' : 'rollback' },
          why: /consider/i.test(text)
            ? 'When what follows happens, a person decides whether to turn back.'
            : 'What follows makes the release turn back.',
        })
      if (
        /^if\b.{0,60}\b(?:issues?|problems?|errors?|failures?|something)\b.{0,60}:?$/i.test(text) &&
        text.length < 160
      )
        return finding(item, around, {
          kind: 'rollback-trigger',
          role: 'rule',
          confidence: 0.8,
          why: 'It says when the steps below are taken.',
        })
      return null
    }
    if (!isListItem(item) || item.checked !== null) return null
    const lead = leadOf(item, around)
    const above = lead && triggers.test(lead.text) ? lead.text : triggers.test(heading) ? heading : null
    if (above === null || /\b(?:process|procedure|steps)\b/i.test(heading)) return null
    const action = /consider/i.test(above) ? 'ask' : 'rollback'
    return finding(item, around, {
      kind: 'rollback-trigger',
      role: 'rule',
      confidence: 0.93,
      alsoKinds: ['metric-threshold'],
      params: {
        severity: severityIn(text) ?? severityIn(`${above} ${sectionText(item)}`),
        action,
      },
      why:
        action === 'ask'
          ? 'When it happens, a person decides whether to turn back.'
          : 'When it happens, the release turns back.',
    })
  },
}
