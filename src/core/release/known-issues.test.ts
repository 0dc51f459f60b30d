import { describe, expect, test } from 'vitest'
import { started, yes } from '../../../test/support/canary.ts'
import { person, type ReleaseSpec } from '../../../test/support/release-spec.ts'
import { compile, type Compiled } from '../plan/compile.ts'
import { renderProblem } from '../plan/problem.ts'
import { testKinds } from '../plan/test-kinds.ts'
import { messageScope } from './message-values.ts'
import { signatureOf } from './values.ts'

const rules = 'block: [critical, high]\nask: [medium]\nmax: { low: 2 }'
const heads = '| # | Issue | Workaround | Severity | Target Fix |\n|---|---|---|---|---|\n'

const document = (rows: string, settings = rules) => `---
holdpoint: 1
---
# R

## Known issues
\`\`\`yaml known-issues
${settings}
\`\`\`

${rows === '' ? '' : heads + rows}

## Sign-off
- [ ] Lead
  \`\`\`yaml approve
  count: 1
  \`\`\`
- [ ] Second
`

function read(text: string): Compiled {
  return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
}

function begun(rows: string, settings = rules): ReleaseSpec {
  const { plan, problems } = read(document(rows, settings))
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  return started(plan!)
}

const step = 'known-issues'
const sign = 'sign-off/lead'
const set = {
  kind: 'SetKnownIssue',
  step,
  id: null,
  issue: null,
  workaround: null,
  severity: null,
  target: null,
} as const
const low = '| 1 | Logo is blurred | none | Low | 2.1 |\n'
const medium = '| 2 | Export is slow | at night | medium | 2.2 |\n'
const standing = (spec: ReleaseSpec) => spec.current.steps.get(step)

describe('known issues', () => {
  test('are the rows of the table below the block, by the names of its columns', () => {
    const { plan } = read(document(low + medium))
    const { block } = plan!.steps.find(({ id }) => id === step)!
    expect(block).toMatchObject({
      word: 'known-issues',
      block: ['critical', 'high'],
      max: { low: 2 },
      issues: [
        { id: '1', issue: 'Logo is blurred', workaround: 'none', severity: 'low', target: '2.1' },
        { id: '2', issue: 'Export is slow', workaround: 'at night', severity: 'medium', target: '2.2' },
      ],
    })
  })

  test('of no severity that matters let the release go on by themselves', () => {
    expect(standing(begun(low))?.closed).toMatchObject({ how: 'passed', why: '1 known issue, none of them blocks' })
  })

  test('of a middle severity are accepted by a person, who is asked again when the table changes', () => {
    const spec = begun(medium)
    expect(standing(spec)?.closed).toBeNull()
    spec.do({ ...yes, step, note: 'known since May' }, person('ana'))
    expect(standing(spec)?.closed?.how).toBe('answered')
    spec.do({ ...set, issue: 'Search is slow', severity: 'medium' }, person('ben'))
    expect(standing(spec)).toMatchObject({ closed: null, reopened: 'ben added "Search is slow"', answer: null })
  })

  test('that block are opened by no answer: only by another severity, by closing them, or by a waiver', () => {
    const spec = begun('| 1 | Orders are lost | | critical | |\n')
    const refused = spec.send({ ...yes, step }, person('ana'))
    expect(refused).toMatchObject({ kind: 'refused', code: 'bad-answer' })
    expect(refused).toMatchObject({
      reason: expect.stringContaining('"Orders are lost" (critical) must be closed first: critical or high blocks'),
    })
    spec.refused({ kind: 'CloseKnownIssue', step, id: '1', why: ' ' }, person('ana'), 'reason-required')
    spec.do({ kind: 'CloseKnownIssue', step, id: '1', why: 'fixed in 2.0.1' }, person('ana'))
    spec.refused({ kind: 'CloseKnownIssue', step, id: '1', why: 'again' }, person('ana'), 'already-closed')
    expect(standing(spec)?.closed).toBeNull()
    spec.do({ ...yes, step, note: 'none is left' }, person('ana'))
    expect(standing(spec)?.closed?.how).toBe('answered')
  })

  test('an empty cell of an imported table is one to fill in, and an unknown severity is not guessed', () => {
    const spec = begun('| 1 | Logo is blurred | | ___ | |\n| 2 | Slow | | urgent | |\n')
    expect(spec.send({ ...yes, step }, person('ana'))).toMatchObject({
      reason: expect.stringContaining(
        'to fill in: "Logo is blurred" has no severity; "Slow" has the severity "urgent", not one of critical, high, medium, low',
      ),
    })
    spec.refused({ ...set, id: '1', severity: 'urgent' }, person('ana'), 'bad-answer')
    spec.refused({ ...set, id: '9', severity: 'low' }, person('ana'), 'bad-answer')
    spec.do({ ...set, id: '1', severity: 'low' }, person('ana'))
    spec.do({ ...set, id: '2', severity: 'Low' }, person('ana'))
    expect(standing(spec)?.closed?.how).toBe('passed')
    expect(standing(spec)?.issues?.[0]).toMatchObject({ issue: 'Logo is blurred', severity: 'low' })
  })

  test('too many of a severity block as well', () => {
    const spec = begun(low + low + low)
    expect(standing(spec)?.closed).toBeNull()
    spec.do({ kind: 'CloseKnownIssue', step, id: '3', why: 'twice' }, person('ana'))
    expect(standing(spec)?.closed?.how).toBe('passed')
  })

  test('a table without a row asks somebody to say that there is none', () => {
    const spec = begun('')
    expect(standing(spec)?.closed).toBeNull()
    spec.do({ ...yes, step, note: 'asked everybody' }, person('ana'))
    expect(standing(spec)?.closed?.how).toBe('answered')
  })

  test('stand in messages, one by one and column by column, and under every signature after them', () => {
    const spec = begun(low + low)
    const { value } = messageScope(spec.current, '', spec.now)
    expect(value('known_issues')).toMatchObject({
      kind: 'list',
      items: [
        { text: 'Logo is blurred (low; workaround: none; fix: 2.1)', columns: { severity: 'low', target: '2.1' } },
        {},
      ],
    })
    const before = signatureOf(spec.current, sign)
    expect(before.lines).toContain('known-issues: Logo is blurred (low; workaround: none; fix: 2.1)')
    spec.do({ ...set, id: '1', target: '3.0' }, person('ana'))
    expect(signatureOf(spec.current, sign).digest).not.toBe(before.digest)
  })

  test('a new blocker after a signature voids it and opens the table again', () => {
    const spec = begun(low)
    spec.do({ kind: 'Approve', step: sign, role: null, digest: null, typed: null, note: null }, person('ben'))
    expect(spec.current.steps.get(sign)?.closed?.how).toBe('approved')
    spec.do({ ...set, issue: 'Orders are lost', severity: 'critical' }, person('ana'))
    expect(standing(spec)?.closed).toBeNull()
    spec.do({ ...set, id: '2', severity: 'low' }, person('ana'))
    expect(standing(spec)?.closed?.how).toBe('passed')
    expect(spec.current.steps.get(sign)?.approvals).toEqual([])
    expect(spec.current.steps.get(sign)?.closed).toBeNull()
  })

  test('columns may be called otherwise; a table in which they cannot be found is refused', () => {
    const codes = (text: string) => read(text).problems.map(({ code }) => code)
    const own = `${rules}\ncolumns: { issue: Was, severity: Wie schlimm }`
    const german = '| Was | Wie schlimm |\n|---|---|\n| Logo | low |\n'
    const { plan } = read(document('', own).replace('## Sign-off', `${german}\n## Sign-off`))
    expect(plan?.steps[0]?.block).toMatchObject({ issues: [{ issue: 'Logo', severity: 'low', workaround: '' }] })
    expect(codes(document('', rules).replace('## Sign-off', `${german}\n## Sign-off`))).toEqual(['bad-value'])
    expect(codes(document(low, 'block: [worst]'))).toEqual(['bad-value'])
  })
})
