/** Rows of tables: signatures, things to fill in, things with a state, people to call. */
import { describe, expect, test } from 'vitest'
import { known } from './cases.ts'
import { tableForm } from './table-form.ts'

const row = (header: string, cells: string): string =>
  `| ${header} |\n|${'---|'.repeat(header.split('|').length)}\n| ${cells} |\n`

describe('a row', () => {
  test.for([
    [
      'Role | Name | Signature',
      'QA lead | | ',
      { kind: 'approval', role: 'step', params: { role: 'qa-lead', count: 1 } },
    ],
    [
      'Team | Approved by',
      'Legal (if needed) | ',
      { kind: 'approval', params: { role: 'legal', condition: 'if needed' } },
    ],
    ['Check | Status', 'Mail works | open', { kind: 'manual', role: 'step' }],
    ['Check | Done', 'Mail works | [ ]', { kind: 'manual', role: 'step' }],
    ['Issue | Fix | Owner', ' | | ', { kind: 'form-field', role: 'field' }],
    ['Team | On-call | Phone', 'Shop | ana | 123', { kind: 'contact', role: 'contact', params: { who: 'Shop' } }],
  ] as const)('%s: %s', ([header, cells, wanted]) =>
    expect(known(tableForm, row(header, cells), 3)).toMatchObject(wanted),
  )

  test.for([
    ['Tool | Version', 'node | 24'],
    ['Stage | Traffic', '1 | 5 %'],
    ['Setting | Value', 'retries | 3'],
  ] as const)('is only read: %s: %s', ([header, cells]) => expect(known(tableForm, row(header, cells), 3)).toBeNull())

  test('and nothing but a row', () => expect(known(tableForm, '- [ ] Signature\n', 1)).toBeNull())
})
