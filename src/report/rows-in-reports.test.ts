/** Tables that people filled in, in every form of the report: each row stands there, and nothing of it is obeyed. */
import { expect, test } from 'vitest'
import { started, yes } from '../../test/support/canary.ts'
import { person } from '../../test/support/release-spec.ts'
import { compile } from '../core/plan/compile.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import { md } from './escape.ts'
import { reportHtml } from './html/report-html.ts'
import { reportMarkdown } from './markdown.ts'
import { recordOf } from './record.ts'
import { resultsOf } from './results.ts'
import { viewOf } from './view.ts'

const document = `---
holdpoint: 1
---
# R

## Review
- [ ] What the review found
  \`\`\`yaml fields
  findings:
    label: Findings
    rows: { columns: { finding: text, share: percent } }
  \`\`\`
`

const step = 'review/what-the-review-found'
const ana = person('ana')
const hostile = 'a | b <script>alert(1)</script> [x](http://e.vil)'

test('a table that people filled in stands in every report, row by row, and nothing in it is obeyed', () => {
  const bytes = new TextEncoder().encode(document)
  const { plan } = compile({ file: 'release.md', bytes, shared: null }, testKinds)
  const cells = { finding: hostile, share: '0.4%' }
  const filled = started(plan!).do({ kind: 'SetRow', step, table: 'findings', id: null, cells }, ana)
  expect(viewOf(filled.current, null, filled.now).waitsFor[0]?.commands.map(({ why }) => why)).toEqual(['passed'])
  expect(viewOf(filled.current, null, filled.now).phases[0]?.steps[0]?.say).toBe('filled in, waits for the answer')
  const spec = filled.do({ ...yes, step }, ana)
  const options = { now: spec.now }
  const [row] = recordOf(spec.current, [], options).view.tables
  expect(row).toMatchObject({ label: 'Findings', isWhole: true, rows: [{ id: '1', cells: [hostile, '0.4 %'] }] })
  const markdown = reportMarkdown(spec.current, [], options)
  expect(markdown).toContain(`| Row | finding | share |\n  | --- | --- | --- |\n  | 1 | ${md(hostile)} | 0.4 % |`)
  const page = reportHtml(spec.current, [], options)
  expect(page).toContain('<td>a | b &lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).not.toContain('<script>alert')
  const [beside] = resultsOf(recordOf(spec.current, [], options))
  expect(beside?.html).toContain('Findings: (1) finding: a | b')
  expect(beside?.html).not.toContain('<script>')
})
