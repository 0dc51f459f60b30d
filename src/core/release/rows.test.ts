/** Open-ended tables: people fill them in row by row, the step waits until they are whole, and signatures cover them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sign, started, yes } from '../../../test/support/canary.ts'
import { person, type ReleaseSpec } from '../../../test/support/release-spec.ts'
import { compile } from '../plan/compile.ts'
import { parseFieldValue } from '../plan/field-value.ts'
import type { TablePlan } from '../plan/plan.ts'
import { renderProblem } from '../plan/problem.ts'
import { testKinds } from '../plan/test-kinds.ts'
import { fillMessage } from './message-text.ts'
import { messageScope } from './message-values.ts'
import { evolve } from './evolve.ts'
import type { ReleaseState } from './state.ts'
import { tablesOf } from './fields.ts'
import { rowsOf } from './rows.ts'
import { bindingsOf, environmentOf, variablesOf } from './values.ts'

const table = `findings:
    label: Findings
    rows:
      least: 1
      most: 4
      columns:
        finding: text
        severity: { options: [low, high] }
        seen: { type: percent, limit: "< 5%", required: false }
        fixed-by: { type: date, required: false }`

const body = (block = table) => `## Review
- [ ] What the review found
  \`\`\`yaml fields
  ${block}
  \`\`\`

## Sign-off
- [ ] Lead
  \`\`\`yaml approve
  count: 2
  \`\`\`
- [ ] Only with something grave
  \`\`\`sh check when="findings.exists(r, r.severity == 'high')"
  true
  \`\`\`
`

function begun(text = body()): ReleaseSpec {
  const bytes = new TextEncoder().encode(`---\nholdpoint: 1\n---\n# R\n\n${text}`)
  const { plan, problems } = compile({ file: 'release.md', bytes, shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  return started(plan!)
}

const step = 'review/what-the-review-found'
const lead = 'sign-off/lead'
const [ana, ben, cleo] = [person('ana'), person('ben'), person('cleo')]
const set = (id: string | null, cells: Readonly<Record<string, string>>) =>
  ({ kind: 'SetRow', step, table: 'findings', id, cells }) as const
const remove = (id: string) => ({ kind: 'RemoveRow', step, table: 'findings', id, why: 'seen twice' }) as const
const low = { finding: 'Logo is blurred', severity: 'low' }
const rows = (state: ReleaseState, name = 'findings') => {
  const plan = state.index.step.get(step)!
  const one = tablesOf(plan).find((each) => each.name === name)!
  return rowsOf(one, state.steps.get(step))
}

describe('a table to fill in', () => {
  test('keeps its step open until the least rows are there and each is whole', () => {
    const spec = begun()
    expect(spec.send({ ...yes, step }, ana)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('Findings: no row, at least 1 is needed. Fill it in with: holdpoint release row'),
    })
    spec.do(set(null, { finding: 'Logo is blurred' }), ana)
    expect(spec.send({ ...yes, step }, ana)).toMatchObject({ reason: expect.stringContaining('row 1 lacks severity') })
    spec.do(set('1', { severity: 'low', seen: '7%' }), ben)
    expect(spec.send({ ...yes, step }, ana)).toMatchObject({
      reason: expect.stringContaining('row 1 has seen 7 %, expected < 5%'),
    })
    spec.do(set('1', { seen: '' }), ben).do({ ...yes, step }, ana)
    expect(spec.current.steps.get(step)?.closed?.how).toBe('answered')
  })

  test('says for every wrong cell where it is, what stands there and what was expected', () => {
    const spec = begun().do(set(null, low), ana)
    const reason = (command: Parameters<ReleaseSpec['send']>[0]) => {
      const decision = spec.send(command, ana)
      return decision.kind === 'refused' ? decision.reason : 'accepted'
    }
    expect(reason(set(null, { finding: 'x', severity: 'urgent' }))).toBe(
      'Findings, the new row, severity: found "urgent", expected one of low, high. For example: severity="low"',
    )
    expect(reason(set('1', { 'fixed-by': 'Friday' }))).toBe(
      'Findings, row 1, fixed by: found "Friday", expected a date such as 2026-03-31. For example: fixed_by=2026-03-31',
    )
    expect(reason(set('1', { owner: 'ana' }))).toContain(
      'no column "owner"; the columns are finding, severity, seen, fixed_by',
    )
    expect(reason(set('1', { finding: 'x'.repeat(501) }))).toContain(
      'finding: found 501 characters, expected at most 500',
    )
    expect(reason(set('7', { finding: 'x' }))).toBe('Findings has no row 7; its rows are 1.')
    expect(reason(set(null, {}))).toBe('A row needs at least one cell. For example: finding="Logo is blurred"')
    expect(reason(set('1', low))).toBe('Row 1 of Findings says so already.')
    expect(reason({ ...set(null, low), table: 'issues' })).toContain('has no table "issues"; it has findings')
    expect(reason({ ...set(null, low), step: lead })).toBe('"Lead" has no table to fill in.')
    for (const finding of ['b', 'c', 'd']) spec.do(set(null, { ...low, finding }), ana)
    expect(reason(set(null, low))).toBe('Findings holds 4 rows already, at most 4 may be there.')
  })

  test('remembers who changed what, and what stood there before; the number of a removed row is never used again', () => {
    const spec = begun()
      .do(set(null, low), ana)
      .do(set('1', { severity: 'high' }), ben)
      .do(remove('1'), cleo)
    expect(spec.log.filter(({ kind }) => kind.startsWith('Row'))).toEqual([
      expect.objectContaining({ by: 'ana', cells: low, before: null }),
      expect.objectContaining({
        by: 'ben',
        cells: { ...low, severity: 'high' },
        before: low,
        say: 'severity: low → high',
      }),
      expect.objectContaining({
        kind: 'RowRemoved',
        by: 'cleo',
        before: { ...low, severity: 'high' },
        why: 'seen twice',
      }),
    ])
    spec.do(set(null, low), ana)
    expect(rows(spec.current).map(({ id }) => id)).toEqual(['2'])
  })

  test('may begin with rows of the checklist', () => {
    const spec = begun(
      body(`findings:
    rows: { columns: { finding: text, severity: { options: [low, high] } }, start: [{ finding: Old logo, severity: low }, { finding: Slow }] }`),
    )
    expect(spec.send({ ...yes, step }, ana)).toMatchObject({ reason: expect.stringContaining('row 2 lacks severity') })
    spec.do(set('2', { severity: 'low' }), ana).do({ ...yes, step }, ana)
    expect(rows(spec.current).map(({ cells }) => cells['finding'])).toEqual(['Old logo', 'Slow'])
  })

  test('is a list of maps in conditions, JSON for commands and a table in messages once somebody has answered', () => {
    const spec = begun().do(set(null, { finding: 'a | b', severity: 'high', seen: '0.4%' }), ana)
    expect(bindingsOf(spec.current)['findings']).toBeUndefined()
    spec.do({ ...yes, step }, ana)
    const row = { finding: 'a | b', severity: 'high', seen: 0.004 }
    expect(bindingsOf(spec.current)['findings']).toEqual([row])
    expect(JSON.parse(environmentOf(spec.current, 'a1', 1)['HOLDPOINT_VALUE_FINDINGS']!)).toEqual([row])
    const lines = [
      '| finding | severity | seen | fixed by |',
      '| --- | --- | --- | --- |',
      '| a \\| b | high | 0.4 % |  |',
    ]
    expect(variablesOf(spec.current)['findings']).toBe(lines.join('\n'))
    const scope = messageScope(spec.current, 'n', spec.now)
    expect(fillMessage('{{ findings }}', scope, 'markdown').text).toBe(lines.join('\n'))
    expect(fillMessage('{{#each findings}}{{ item.severity }}: {{ item.finding }};{{/each}}', scope, 'none').text).toBe(
      'high: a | b;',
    )
    expect(fillMessage('{{#if findings.exists(r, r.severity == "high")}}grave{{/if}}', scope, 'none').text).toBe(
      'grave',
    )
  })

  test('never grows longer than what a command can be given', () => {
    const texts = `findings:
    rows: { columns: { ${Array.from({ length: 20 }, (_, at) => `c${at}: text`).join(', ')} } }`
    const spec = begun(body(texts).replace(/- \[ \] Only with[^]*/, ''))
    const cells = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`c${at}`, 'ä'.repeat(500)]))
    const answers = Array.from({ length: 6 }, () => spec.send(set(null, cells), ana))
    expect(answers.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 4 }, () => 'accepted'),
      'refused',
      'refused',
    ])
    expect(answers.at(-1)).toMatchObject({
      reason: expect.stringContaining('is full: all its cells together may hold 100 kB'),
    })
    spec.do({ ...yes, step }, ana)
    const variable = environmentOf(spec.current, 'a1', 1)['HOLDPOINT_VALUE_FINDINGS'] ?? ''
    expect(new TextEncoder().encode(variable).length).toBeLessThan(131_072)
  })

  test('decides conditions of later steps', () => {
    const after = (severity: string) => {
      const spec = begun()
        .do(set(null, { finding: 'x', severity }), ana)
        .do({ ...yes, step }, ana)
      for (const who of [ben, cleo]) spec.do({ ...sign, step: lead }, who)
      return spec.current.steps.get('sign-off/only-with-something-grave')?.closed?.how
    }
    expect(after('low')).toBe('not-applicable')
    expect(after('high')).toBeUndefined()
  })

  test('is covered by signatures: a changed row makes them void, says which row, and the step is answered again', () => {
    const spec = begun()
      .do(set(null, low), ana)
      .do({ ...yes, step }, ana)
      .do({ ...sign, step: lead }, ben)
    spec.do(set('1', { severity: 'high' }), cleo)
    expect(spec.current.steps.get(step)).toMatchObject({ closed: null, answer: null })
    spec.do({ ...yes, step }, ana)
    const voided = spec.log.find((event) => event.kind === 'ApprovalVoided')
    expect(voided).toMatchObject({ by: 'ben', step: lead })
    expect(voided).toMatchObject({
      why: expect.stringContaining(
        `${step}.findings#1 = finding: Logo is blurred, severity: low → ${step}.findings#1 = finding: Logo is blurred, severity: high`,
      ),
    })
  })

  test('beside an approval has to be whole before anybody signs, and is part of what is signed', () => {
    const spec = begun(`## Sign-off
- [ ] Lead
  \`\`\`yaml approve
  count: 2
  \`\`\`
  \`\`\`yaml fields
  ${table}
  \`\`\`
`)
    const row = { ...set(null, low), step: lead }
    expect(spec.send({ ...sign, step: lead }, ben)).toMatchObject({
      reason: expect.stringContaining('Nobody signs what is not whole: Findings: no row'),
    })
    spec
      .do(row, ana)
      .do({ ...sign, step: lead }, ben)
      .do({ ...row, id: '1', cells: { severity: 'high' } }, ana)
    expect(spec.log.at(-1)).toMatchObject({ kind: 'ApprovalVoided', why: expect.stringContaining('findings#1') })
    for (const who of [ben, cleo]) spec.do({ ...sign, step: lead }, who)
    expect(spec.current.steps.get(lead)?.closed?.how).toBe('approved')
  })

  test('is not changed any more once its step was waived or the release goes back', () => {
    const spec = begun().do(set(null, low), ana)
    spec.do({ kind: 'Waive', step, reason: 'no review this time', role: 'lead', expires: null }, ben)
    spec.refused(set('1', { severity: 'high' }), ana, 'already-closed')
    const back = begun().do(set(null, low), ana).do({ kind: 'Rollback', why: 'broken' }, ana)
    expect(back.send(set('1', { severity: 'high' }), ana).kind).toBe('refused')
  })

  const text = fc.constantFrom('', 'Logo', 'Slow\nexport', 'a | b')
  const edit = fc.record({
    by: fc.constantFrom(ana, ben),
    does: fc.constantFrom('set', 'set', 'set', 'remove', 'answer'),
    id: fc.constantFrom(null, '1', '2', '3', '9'),
    cells: fc.dictionary(
      fc.constantFrom('finding', 'severity', 'seen', 'fixed-by', 'owner'),
      fc.oneof(text, fc.constantFrom('low', 'high', 'urgent', '3%', '9%', '2026-03-31', '2026-02-31')),
      { maxKeys: 4 },
    ),
  })

  test('holds only valid cells whatever two people do to it, and its log gives the same table again', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 25 }), (edits) => {
        const spec = begun()
        for (const { by, does, id, cells } of edits) {
          if (does === 'set') spec.send(set(id, cells), by)
          else spec.send(does === 'remove' ? remove(id ?? '1') : { ...yes, step }, by)
        }
        const plan = tablesOf(spec.current.index.step.get(step)!)[0]!
        const now = rows(spec.current)
        expect(now.length).toBeLessThanOrEqual(plan.most)
        expect(new Set(now.map(({ id }) => id)).size).toBe(now.length)
        for (const { cells } of now) expect(wrongCells(plan, cells)).toEqual([])
        const used = spec.log.flatMap((event) => (event.kind === 'RowSet' && event.before === null ? [event.id] : []))
        expect(new Set(used).size).toBe(used.length)
        const told = JSON.parse(JSON.stringify(spec.recorded)) as typeof spec.recorded
        const again = told.reduce<ReleaseState | null>((state, recorded) => evolve(state, recorded), null)
        expect(rows(again!)).toEqual(now)
      }),
      { numRuns: 60 },
    )
  })
})

function wrongCells({ columns }: TablePlan, cells: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(cells).flatMap(([name, value]) => {
    const column = columns.find((one) => one.name === name)
    return column && parseFieldValue(column, String(value)).kind === 'good' ? [] : [name]
  })
}
