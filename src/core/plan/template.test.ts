import { expect, test } from 'vitest'
import { renderTemplate, templateNames } from './template.ts'

test('every place escapes in its own way', () => {
  const value = `a"b'c\\d\n{"x":1}&?`
  expect(renderTemplate('{{v}}', { v: value }, 'none').text).toBe(value)
  expect(JSON.parse(`"${renderTemplate('{{ v }}', { v: value }, 'json').text}"`)).toBe(value)
  expect(decodeURIComponent(renderTemplate('{{v}}', { v: value }, 'url').text)).toBe(value)
  expect(renderTemplate('{{v}}', { v: 'a\r\nSet-Cookie: x' }, 'header').text).toBe('a Set-Cookie: x')
  expect(renderTemplate('up{v="{{v}}"}', { v: 'a"} or up{x="' }, 'promql-string').text).toBe(
    'up{v="a\\x22} or up{x=\\x22"}',
  )
  expect(renderTemplate('{{v}}', { v: 'v1.2' }, 'promql-regex').text).toBe('v1\\\\.2')
  expect(renderTemplate('{{v}}', { v: '<b>*x*' }, 'markdown').text).toBe('\\<b\\>\\*x\\*')
})

test('an unknown name stays as it stood and is reported; a value is not looked at again', () => {
  expect(renderTemplate('{{a}} {{ b.c }}', { a: '{{b.c}}' }, 'none')).toEqual({
    text: '{{b.c}} {{ b.c }}',
    missing: ['b.c'],
  })
  expect(renderTemplate('{{__proto__}}{{constructor}}', {}, 'none').missing).toEqual(['__proto__', 'constructor'])
})

test('names come in order with their offsets', () => {
  expect(templateNames('x {{ version }} {{input.n}}')).toEqual([
    { name: 'version', offset: 2 },
    { name: 'input.n', offset: 16 },
  ])
})
