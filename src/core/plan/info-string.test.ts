import { describe, expect, test } from 'vitest'
import { parseBodyLines, parseInfoString } from './info-string.ts'

const attributes = (text: string): readonly (readonly [string, string | true])[] =>
  parseInfoString(text, 1, 4).attributes.map(({ name, value }) => [name, value] as const)

describe('the opening line of a block', () => {
  test('has a language, a word, names, bare, quoted and pattern values', () => {
    const info = parseInfoString(
      String.raw`sh check idempotent timeout=10m probe="test -f \"a b\" \\ \d" forbid=/a b\/c\d/`,
      7,
      6,
    )
    expect([info.language, info.word, info.faults]).toEqual(['sh', 'check', []])
    expect(info.attributes.map(({ name, value, column }) => [name, value, column])).toEqual([
      ['idempotent', true, 15],
      ['timeout', '10m', 26],
      ['probe', String.raw`test -f "a b" \ \d`, 38],
      ['forbid', String.raw`a b/c\d`, 68],
    ])
  })
  test('a slash begins a pattern only where a pattern belongs', () => {
    expect(attributes('sh check cwd=/srv/app forbid=/srv/')).toEqual([
      ['cwd', '/srv/app'],
      ['forbid', 'srv'],
    ])
  })
  test('an attribute right behind the language is no word', () => {
    expect(parseInfoString('js title="x"', 1, 4)).toMatchObject({
      language: 'js',
      word: null,
      attributes: [{ name: 'title', value: 'x' }],
    })
    expect(parseInfoString('', 1, 4)).toMatchObject({ language: '', word: null, attributes: [], faults: [] })
  })
  test.each([
    ['sh check a="open'],
    ['sh check =1'],
    ['sh check a="b"c'],
    ['sh check a='],
    ['sh check {1,3}'],
    ['sh check "x"'],
  ])('%s has a fault, and none of it is guessed', (text) => {
    expect(parseInfoString(text, 1, 4).faults).toHaveLength(1)
  })
})

describe('settings at the top of the code', () => {
  const all = (): boolean => true
  test('are taken out, and the lines of the code stay where they were', () => {
    const read = parseBodyLines('# @when a == "b c"\n# @danger\necho\n# @late x\n', 10, all)
    expect(read.body).toBe('\n\necho\n# @late x\n')
    expect(read.attributes.map(({ name, value, line }) => [name, value, line])).toEqual([
      ['when', 'a == "b c"', 10],
      ['danger', true, 11],
    ])
  })
  test('may stand in the comments of the language', () => {
    expect(parseBodyLines('-- @on db\n// @json\nselect 1', 1, all).attributes.map(({ name }) => name)).toEqual([
      'on',
      'json',
    ])
  })
  test('end at the first line that is not ours', () => {
    const body = '# @timeout 5s\n# @expect status == 200\nGET /\n'
    const read = parseBodyLines(body, 1, (name) => name === 'timeout')
    expect(read.body).toBe('\n# @expect status == 200\nGET /\n')
  })
})
