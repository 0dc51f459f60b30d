import { describe, expect, test } from 'vitest'
import { compile, type Compiled } from './compile.ts'
import type { Plan } from './plan.ts'
import { renderProblem } from './problem.ts'
import { testKinds } from './test-kinds.ts'

function read(front: string): Compiled {
  const bytes = new TextEncoder().encode(`---\nholdpoint: 1\n${front}\n---\n- [ ] One\n`)
  return compile({ file: 'release.md', bytes, shared: null }, testKinds)
}

function planOf(front: string): Plan {
  const { plan, problems } = read(front)
  expect(problems.map(renderProblem)).toEqual([])
  return plan!
}

const foundIn = (front: string): readonly string[] =>
  read(front).problems.map(({ code, line, found }) => `${code}:${line} ${found}`)

describe('front matter', () => {
  test('short and long forms say the same', () => {
    expect(planOf('environments: [staging]').environments).toEqual(planOf('environments: { staging: {} }').environments)
    expect(planOf('secrets: [A]').secrets).toEqual({ A: { from: 'env', name: 'A' } })
    expect(planOf('secrets: { A: env }').secrets).toEqual({ A: { from: 'env', name: 'A' } })
    expect(planOf('secrets: { A: { from: env, name: B } }').secrets).toEqual({ A: { from: 'env', name: 'B' } })
    expect(planOf('secrets: { A: { file: /run/a } }').secrets).toEqual({ A: { from: 'file', path: '/run/a' } })
    expect(planOf('roles: { lead: dora }').roles).toEqual({ lead: [{ id: 'dora', key: null }] })
    expect(planOf('env: [A, B]').env).toEqual(planOf('env: A, B').env)
  })

  test('names that belong to other tools are left to them, and only those', () => {
    expect(planOf('others: [labels, "about us"]\nlabels: x, y\nabout us: { a: 1 }').service).toBe('release-md')
    expect(foundIn('others: [labels]\nlabel: x')[0]).toContain('unknown name "label"')
  })

  test('an environment shares locks by name, and an environment without any is as it was', () => {
    const { environments } = planOf('environments: { production: { locks: [shop-cluster, db, db] }, staging: {} }')
    expect(environments).toEqual({
      production: { protected: false, locks: ['db', 'shop-cluster'] },
      staging: { protected: false },
    })
    expect(foundIn('environments: { production: { locks: ["a b"] } }')).toEqual([
      'bad-value:3 the lock "a b" of "production" in "environments"',
    ])
  })

  test('an input without a default is required', () => {
    expect(planOf('inputs: { a: {}, b: { default: x }, c: { type: boolean, default: false } }').inputs).toMatchObject({
      a: { required: true, default: null, type: 'string' },
      b: { required: false, default: 'x' },
      c: { required: false, default: false },
    })
  })

  test('a number is a text where a text is meant, as it was written', () => {
    expect(planOf('name: 1.10').name).toBe('1.10')
    expect(planOf('inputs: { a: { default: 1.10 } }').inputs['a']?.default).toBe('1.10')
    expect(planOf('contacts: { phone: 0049 }').contacts).toEqual({ phone: '0049' })
  })

  test('windows have days, minutes and dates; eves close the day before a holiday too', () => {
    const window =
      '{ zone: Europe/Berlin, allow: [{ weekdays: fri-mon, from: "22:00", to: "06:00" }, { weekdays: [wed] }], holidays: [2026-03-01], eves: true }'
    expect(planOf(`windows: { w: ${window} }`).windows['w']).toEqual({
      zone: 'Europe/Berlin',
      allow: [
        { weekdays: [1, 5, 6, 7], fromMinute: 1320, toMinute: 360, dates: null },
        { weekdays: [3], fromMinute: null, toMinute: null, dates: null },
      ],
      deny: [{ weekdays: null, fromMinute: null, toMinute: null, dates: ['2026-02-28', '2026-03-01'] }],
    })
  })

  test.each([
    ['service: "a b"', 'bad-value:3 "a b" for "service" in the front matter'],
    ['inputs: { a-b: {} }', 'bad-value:3 the input "a-b"'],
    ['inputs: { 1a: {} }', 'bad-value:3 the name "1a" in "inputs"'],
    ['roles: { lead: [[x]] }', 'bad-value:3 a list in the role "lead"'],
    ['sources: { p: { kind: prometheus } }', 'missing-attribute:3 "p" in "sources" without "url"'],
    [
      'sources: { p: { kind: prometheus, url: x, ulr: y } }',
      'unknown-attribute:3 unknown name "ulr" in "p" in "sources"',
    ],
    ['channels: { c: {} }', 'missing-attribute:3 "c" in "channels" without "kind"'],
    ['windows: { w: { holidays: [2026-02-30] } }', 'bad-value:3 "2026-02-30" in the window "w"'],
    ['windows: { w: { allow: [{ from: "25:00" }] } }', 'bad-value:3 "25:00" for "from" in "allow" of the window "w"'],
    ['environments: production', 'bad-value:3 "production" for "environments"'],
    ['steps: all', 'bad-value:3 "all" for "steps" in the front matter'],
    ['retention: forever', 'bad-value:3 "forever" for "retention" in the front matter'],
  ])('%s is refused', (front, found) => expect(foundIn(front)).toEqual([found]))

  test('names from the language itself never hurt', () => {
    const plan = planOf('roles: { constructor: [ana], toString: [ben] }\ninputs: { hasOwnProperty: { default: x } }')
    expect(Object.keys(plan.roles)).toEqual(['constructor', 'toString'])
    expect(foundIn('roles: { __proto__: [ana] }')[0]).toContain('the name "__proto__"')
  })
})
