/** What a terminal would obey is shown, not obeyed. */
import { expect, test } from 'vitest'
import { visible } from './visible.ts'

test('escapes, bells and marks that turn text around are written out; tabs and lines stay', () => {
  expect(visible('\u001b[31mred\u001b[0m\t\u0007\r\nnext\u007f')).toBe('^[[31mred^[[0m\t^G\nnext^?')
  expect(visible('invoice\u202Egnp.exe\u200B')).toBe('invoice⟨U+202E⟩gnp.exe⟨U+200B⟩')
  expect(visible('Grüße 😀 <script>')).toBe('Grüße 😀 <script>')
})
