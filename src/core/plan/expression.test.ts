import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withoutSlots } from './condition-slots.ts'
import { checkCondition, checkValue, evaluateCondition, evaluateValue, pathsOf } from './expression.ts'

const facts = {
  exit: 0,
  value: 0.5,
  rows: [{ n: 1 }, { n: 2 }],
  row: { id: 7, gone: null },
  stdout: 'all fine\n',
  nan: Number.NaN,
  nothing: null,
}

describe('conditions', () => {
  test.each([
    ['exit == 0', true],
    ['value * 2 == 1', true],
    ['5 / 100 == 0.05', true],
    ['rows.size() == 2 && rows.all(r, r.n > 0)', true],
    ['rows.exists(r, r.n == 3)', false],
    ['rows.filter(r, r.n > 1).size() == 1', true],
    ['rows.map(r, r.n + 0.5) == [1.5, 2.5]', true],
    ['!(row.id in [1, 2])', true],
    ['"id" in row', true],
    ['has(row.id) && !has(row.missing)', true],
    ['stdout.re("^all f")', true],
    ['stdout.trim().endsWith("fine") ? exit < 1 : exit > 1', true],
    ['double("3.5") > 3 && int(3.7) == 3 && string(4) == "4"', true],
    ['row["id"] - 2 == 5 && rows[1].n % 2 == 0', true],
  ])('%s is %s', (source, value) => {
    expect(evaluateCondition(source, facts)).toEqual({ kind: 'value', value })
  })

  test.each([
    ['missing'],
    ['!missing'],
    ['false && missing'],
    ['true || missing'],
    ['missing || true'],
    ['true ? true : missing'],
    ['!(nan < 1)'],
    ['nan != 1'],
    ['true || nan > 1'],
    ['nothing == null'],
    ['nothing != 5'],
    ['!(row.gone == 1)'],
    ['row.absent != "x"'],
    ['!(1 / 0 > 5)'],
    ['value != "0.5"'],
    ['exit'],
    ['rows[2].n == 1'],
    ['rows.exists(r, r.n == 1 || r.m == 1)'],
    ['double("many") > 1'],
    ['stdout.matches("a")'],
    ['stdout.re("(")'],
    ['row.__proto__ != 1'],
    ['row.constructor != 1'],
    ['constructor.constructor("return 1")() == 1'],
    ['1 in [1, "x"]'],
    ['a >'],
    ['[1].all(a, [1].all(b, [1].all(c, true)))'],
    [''],
  ])('%s is inconclusive, whatever stands beside it', (source) => {
    expect(evaluateCondition(source, facts).kind).toBe('inconclusive')
  })

  test('a list that is too long to loop over is inconclusive', () => {
    expect(evaluateCondition('many.all(x, x > 0)', { many: Array.from({ length: 1001 }, () => 1) }).kind).toBe(
      'inconclusive',
    )
  })

  test('a pattern that hangs other engines answers at once', () => {
    expect(evaluateCondition('!text.re("^(a+)+$")', { text: `${'a'.repeat(5000)}!` })).toEqual({
      kind: 'value',
      value: true,
    })
  })

  test('no text and no facts ever make an evaluation throw', () => {
    const words = fc.constantFrom(
      'exit',
      'row',
      '.id',
      '.x',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '1',
      '"a"',
      '[',
      ']',
      '<',
      '+',
      '?',
      ':',
      'all',
      ',',
      'has',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 14 }), fc.string(), (parts, junk) => {
        for (const source of [parts.join(' '), junk]) {
          evaluateCondition(source, facts)
          checkCondition(source, { exit: 'int', row: 'map' })
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a missing operand anywhere in a well-formed condition is never an answer', () => {
    const leaf = fc.constantFrom('true', 'false', 'exit == 0', 'value > 1')
    const grown = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} && ${b})`),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} || ${b})`),
        tie('tree').map((a) => `!(${a})`),
        fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      ),
    }))
    fc.assert(
      fc.property(grown.tree, fc.constantFrom('missing', 'nan > 1', 'nothing == 1'), fc.nat(), (tree, doubt, at) => {
        const places = [...tree.matchAll(/true|false|exit == 0|value > 1/g)]
        const place = places[at % places.length]!
        const doubtful = `${tree.slice(0, place.index)}(${doubt})${tree.slice(place.index + place[0].length)}`
        expect(evaluateCondition(tree, facts).kind).toBe('value')
        expect(evaluateCondition(doubtful, facts).kind).toBe('inconclusive')
      }),
    )
  })

  test('values of any type can be captured, with the same care', () => {
    expect(evaluateValue('row', { row: { id: 7 } })).toEqual({ kind: 'value', value: { id: 7 } })
    expect(evaluateValue('row.gone', facts).kind).toBe('inconclusive')
  })
})

describe('the static check of a condition', () => {
  const names = { exit: 'int', value: 'double', stdout: 'string', rows: 'list', steps: 'map', any: 'dyn' }
  test.each([['exit == 0 && value < 0.5'], ['steps.a_b.outcome == "passed"'], ['any'], ['rows.all(r, r.n > exit)']])(
    'accepts %s',
    (source) => {
      expect(checkCondition(source, names)).toBeNull()
    },
  )
  test.each([
    ['exti == 0', 'unknown name "exti"', 1],
    ['exit + 1', 'an expression that gives a number', 1],
    ['exit == "0"', 'a number beside a string', 9],
    ['stdout.matches("x")', 'matches()', 1],
    ['stdout.re("(?=x)")', 'the pattern "(?=x)"', 11],
    ['stdout && true', 'a string', 1],
    ['nope(1)', 'unknown function "nope"', 1],
    ['exit == 99999999999999999', 'the number 99999999999999999', 9],
    ['rows.all(a, rows.all(b, rows.all(c, true)))', 'a third loop inside a loop', 25],
  ])('refuses %s and says where', (source, found, column) => {
    expect(checkCondition(source, names)).toMatchObject({ found, column })
  })
  test('suggests the nearest name', () => {
    expect(checkCondition('exti == 0', names)?.expected).toBe('exit, or one of: value, stdout, rows, steps, any')
  })
  test('knows the type of a value', () => {
    expect(checkValue('rows.size() + exit', names)).toEqual({ type: 'number' })
  })
  test('deep nesting and long expressions are refused, not run', () => {
    expect(checkCondition(`${'('.repeat(500)}true${')'.repeat(500)}`, names)).not.toBeNull()
    expect(checkCondition('!'.repeat(500) + 'true', names)).not.toBeNull()
    expect(checkCondition(Array.from({ length: 400 }, () => 'true').join(' && '), names)).not.toBeNull()
  })
  test('lists the paths a condition reads', () => {
    expect(pathsOf('steps.a.outcome == "passed" && steps["b"].x > input.n && rows.all(r, r.k)')).toEqual([
      'steps.a.outcome',
      'steps.b.x',
      'input.n',
      'rows',
      'r',
      'r.k',
    ])
  })
})

test.each([
  ['version == "1.2"', null],
  ['text.contains("{ {")', null],
  ['body.version == "{{ version }}"', 'body.version == version'],
  ["body.version == '{{version}}'", 'body.version == version'],
  ['body.tag == "v{{ version }}-{{ input.kind }}"', 'body.tag == "v" + version + "-" + input.kind'],
  ['status == {{ code }} && text == "a \\" b"', 'status == code && text == "a \\" b"'],
])('slots are written as names: %s', (source, expected) => {
  expect(withoutSlots(source)).toBe(expected)
})
