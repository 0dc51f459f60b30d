/** Tables: sign-off rows, rows to fill in, and rows that are steps because they have a box or a status. */
import type { Recogniser } from '../item.ts'
import { finding } from '../reading/finding.ts'
import { conditionIn } from '../reading/place.ts'
import { roleName } from './approval.ts'

const signed = /^(?:signature|signed|sign-?off|approved(?: by)?|approval|initials)\b/i
const status = /^(?:status|done|state|result|pass(?:ed)?|complete[d]?|check(?:ed)?|✓|✅|verified)\b/i

export const tableForm: Recogniser = {
  name: 'table-form',
  recognise: (item, around) => {
    const { table } = item
    if (item.form !== 'table-row' || !table) return null
    const { header, cells } = table
    const blanks = cells.filter((cell) => /^[\s_.\-☐□⬜]*$|^\[ ?\]$/u.test(cell)).length
    if (header.some((cell) => signed.test(cell)) && (cells[0] ?? '') !== '') {
      const role = roleName(cells[0] ?? '')
      const condition = conditionIn(cells[0] ?? '')
      return finding(item, around, {
        kind: 'approval',
        alsoKinds: ['form-field'],
        confidence: 0.95,
        params: {
          role,
          count: 1,
          ...(condition === null ? {} : { condition }),
        },
        why: `${cells[0]} signs; name and time are kept.`,
      })
    }
    if (item.checked !== null || header.some((cell) => status.test(cell)))
      return finding(item, around, {
        kind: 'manual',
        confidence: 0.6,
        why: 'It is a row with a state, which a person sets.',
      })
    if (blanks >= Math.max(1, cells.length - 1))
      return finding(item, around, {
        kind: 'form-field',
        role: 'field',
        confidence: 0.85,
        params: { columns: header, row: cells[0] ?? '' },
        why: 'It is a row to fill in.',
      })
    if (/\b(?:contact|phone|e-?mail|slack|on-?call)\b/i.test(header.join(' ')))
      return finding(item, around, {
        kind: 'contact',
        role: 'contact',
        confidence: 0.8,
        why: 'It says whom to call.',
        params: { who: cells[0] ?? '', how: cells.slice(1) },
      })
    return null
  },
}
