import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { started } from '../../../test/support/canary.ts'
import { person } from '../../../test/support/release-spec.ts'
import { compile } from '../plan/compile.ts'
import { parseLimit } from '../plan/limit.ts'
import type { FieldPlan } from '../plan/plan.ts'
import { renderProblem } from '../plan/problem.ts'
import { testKinds } from '../plan/test-kinds.ts'
import { fieldsOf } from './fields.ts'
import { planIn } from './plan-in.ts'
import { parseFieldValue } from '../plan/field-value.ts'

const field = (type: FieldPlan['type'], limit: string | null): FieldPlan => ({
  name: 'n',
  label: 'N',
  type,
  options: [],
  required: true,
  limit,
  capture: null,
})

function compiled(body: string) {
  const text = `---\nholdpoint: 1\nsources: { db: { kind: sqlite, file: a.db } }\n---\n# R\n\n## W\n${body}`
  const { plan, problems } = compile(
    { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
    testKinds,
  )
  expect(problems.filter(({ severity }) => severity === 'error').map(renderProblem)).toEqual([])
  return plan!
}

describe('numbers from systems without metrics', () => {
  test('a number that a person reads is held to the limit that a metric would be held to', () => {
    const plan = compiled(
      '- [ ] Complaints today\n  ```yaml fields\n  complaints: { type: number, limit: "< 20" }\n  ```\n',
    )
    const give = (complaints: string) =>
      ({
        kind: 'Answer',
        step: 'w/complaints-today',
        answer: 'passed',
        note: null,
        fields: { complaints },
        evidence: [],
      }) as const
    const spec = started(plan)
    spec.refused(give('many'), person('ana'), 'bad-answer')
    const over = spec.send(give('20'), person('ana'))
    expect(over).toMatchObject({ kind: 'refused', reason: expect.stringContaining('complaints is 20, expected < 20') })
    spec.do(give('19'), person('ana'))
    expect(spec.current.captures.get('complaints')).toBe('19')
  })

  test('a limit that differs between environments is the one of where the phase acts', () => {
    const limit = '{ production: "< 1%", else: "< 5%" }'
    const field = `- [ ] Errors\n  \`\`\`yaml fields\n  errors: { type: percent, limit: ${limit} }\n  \`\`\`\n`
    const elsewhere = `\n## S\n\`\`\`yaml phase\nenvironment: staging\n\`\`\`\n${field}`
    const give = (step: string, errors: string) =>
      ({ kind: 'Answer', step, answer: 'passed', note: null, fields: { errors }, evidence: [] }) as const
    const plan = compiled(field + elsewhere)
    expect(planIn(plan, 'production').steps.flatMap(fieldsOf)).toMatchObject([{ limit: '< 1%' }, { limit: '< 5%' }])
    const spec = started(plan)
    expect(spec.send(give('w/errors', '3%'), person('ana'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('errors is 3%, expected < 1%'),
    })
    spec.do(give('w/errors', '0.5%'), person('ana'))
    expect(spec.current.captures.get('errors')).toBe('0.005')
  })

  test('a number beyond its limit is named as it was typed', () => {
    const spec = started(
      compiled('- [ ] Errors\n  ```yaml fields\n  errors: { type: percent, limit: "< 1%" }\n  ```\n'),
    )
    const fields = { errors: '3%' }
    const command = { kind: 'Answer', step: 'w/errors', answer: 'passed', note: null, fields, evidence: [] } as const
    const refused = spec.send(command, person('ana'))
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('is 3%, expected < 1%') })
  })

  test('the limit holds for exactly the numbers it names, whatever their unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 }), (value, bound) => {
        for (const operator of ['<', '<=', '>', '>='] as const) {
          const limit = parseLimit(`${operator} ${bound}`)
          if (!limit.ok) throw new Error('a limit')
          const kept = { '<': value < bound, '<=': value <= bound, '>': value > bound, '>=': value >= bound }[operator]
          expect(parseFieldValue(field('number', `${operator} ${bound}`), String(value)).within).toBe(kept)
        }
      }),
      { numRuns: 100 },
    )
    expect(parseFieldValue(field('percent', '< 1%'), '0.99%').within).toBe(true)
    expect(parseFieldValue(field('percent', '< 1%'), '1%').within).toBe(false)
    expect(parseFieldValue(field('duration', '<= 250ms'), '0.25').within).toBe(true)
  })

  test('a query of a database is looked at in a watch as often as a metric', () => {
    const plan = compiled(
      '- [ ] Quiet\n  ```yaml watch\n  for: 1h\n  judge: { every: 1m, metrics: {} }\n  checks:\n    - { name: tickets, kind: sql, on: db, query: select count(*) as n from tickets, expect: count < 20, fails: 2 }\n  ```\n',
    )
    const { block } = plan.steps[0]!
    expect(block).toMatchObject({
      checks: [{ name: 'tickets', check: { kind: 'sql', expect: 'count < 20', timeoutMs: 48_000 } }],
      judge: { metrics: [{ name: 'tickets', kind: 'gauge', forMs: 60_000 }] },
    })
  })
})
