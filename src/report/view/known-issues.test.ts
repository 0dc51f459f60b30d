import { expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { person, type ReleaseSpec } from '../../../test/support/release-spec.ts'
import { compile } from '../../core/plan/compile.ts'
import { testKinds } from '../../core/plan/test-kinds.ts'
import { reportHtml } from '../html/report-html.ts'
import { reportMarkdown } from '../markdown.ts'
import { recordOf } from '../record.ts'
import { viewOf } from '../view.ts'

const text = `---
holdpoint: 1
---
# R

## Known issues
\`\`\`yaml known-issues
ask: [medium]
\`\`\`

| Issue | Workaround | Severity | Target fix |
|---|---|---|---|
| Exports are slow | at night | medium | 2.2 |

## After
- [ ] Second
`
const begun = (): ReleaseSpec => {
  const { plan } = compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  return started(plan!)
}
const begunWith = (severity: string): ReleaseSpec => {
  const bytes = new TextEncoder().encode(text.replace('ask: [medium]', `block: [${severity}]`))
  return started(compile({ file: 'release.md', bytes, shared: null }, testKinds).plan!)
}
const shown = ({ current, now }: ReleaseSpec) => viewOf(current, null, now).knownIssues[0]

test('a table asks to be accepted until somebody did, and then says who', () => {
  const spec = begun()
  expect(shown(spec)).toMatchObject({ is: 'to accept', say: '"Exports are slow" (medium) to accept' })
  spec.do(
    { kind: 'Answer', step: 'known-issues', answer: 'passed', note: null, fields: {}, evidence: [] },
    person('ana'),
  )
  expect(shown(spec)).toMatchObject({ is: 'fine', say: '1 known issue, accepted by ana' })
  expect(recordOf(spec.current, [], { now: spec.now }).coverage).toMatchObject({ proven: 0, promised: 1 })
})

test('a table that was waived says by whom, and asks nothing any more', () => {
  const spec = begun()
  const why = { role: 'lead', reason: 'the vendor mends it', expires: null, note: null }
  spec.do({ kind: 'Waive', step: 'known-issues', ...why }, person('dora'))
  expect(shown(spec)).toMatchObject({ is: 'fine', say: '1 known issue, waived by dora' })
})

test('a row that blocks can be closed or changed before anybody goes on without the table', () => {
  const { current, now } = begunWith('medium')
  const wait = viewOf(current, null, now).waitsFor.find(({ step }) => step === 'known-issues')
  expect(wait?.commands.map(({ command }) => command.replace(/^.* known-issues /, ''))).toEqual([
    '--row ROW --close --reason WHY',
    '--row ROW --severity SEVERITY',
    '--role ROLE --reason WHY',
  ])
})

test('both reports show the table with its rows and who accepted it, and people count as people', () => {
  const spec = begun()
  spec.do(
    { kind: 'Answer', step: 'known-issues', answer: 'passed', note: null, fields: {}, evidence: [] },
    person('ana'),
  )
  const { current, now } = spec
  expect(reportMarkdown(current, [], { now })).toContain(`**Known issues**: 1 known issue, accepted by ana

| Issue | Severity | Workaround | Target fix | State |
| --- | --- | --- | --- | --- |
| Exports are slow | medium | at night | 2.2 | open |`)
  const html = reportHtml(current, [], { now })
  expect(html).toContain('1 known issue, accepted by ana')
  expect(html).toMatch(/<td>Exports are slow<\/td><td>medium<\/td><td>at night<\/td><td>2.2<\/td><td>open<\/td>/)
  expect(viewOf(current, null, now).facts.ladder).toEqual({ automated: 0, manual: 2 })
})
