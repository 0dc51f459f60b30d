import { expect, test } from 'vitest'
import { actionScriptOf, fillAction } from './action-script.ts'

const script = actionScriptOf({
  kind: 'call',
  mode: 'run',
  config: {
    base: 'https://api.example.com/v1',
    other: 'https://{{ host }}/x',
    list: [{ text: '{{ version }}' }],
    count: 3,
  },
})

test('values come into texts wherever they stand, and a value with braces is not looked at again', () => {
  const filled = fillAction(script, { host: 'h', version: '{{ host }} "\n' }, true)
  expect('script' in filled && JSON.parse(filled.script)).toEqual({
    kind: 'call',
    mode: 'run',
    config: { base: 'https://api.example.com/v1', other: 'https://h/x', list: [{ text: '{{ host }} "\n' }], count: 3 },
    literal: ['https://api.example.com/v1'],
    protected: true,
  })
})

test('a name without a value is told, and an address that a value completes is not the document’s own', () => {
  expect(fillAction(script, { host: 'h' }, false)).toEqual({ missing: 'version' })
  const half = actionScriptOf({ kind: 'call', mode: 'run', config: { url: 'https://api.{{ host }}/x' } })
  const filled = fillAction(half, { host: 'evil.example' }, false)
  expect('script' in filled && JSON.parse(filled.script)).toMatchObject({ literal: [] })
})
