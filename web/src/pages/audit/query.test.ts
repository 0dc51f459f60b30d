/** What the audit page looks for. */
import { expect, test } from 'vitest'
import { addressOf, askedOf, queryIn } from './query.ts'

test('what is looked for stands in the address, and comes back from it', () => {
  const query = { ...queryIn(''), stream: 'access' as const, by: 'ana & co', from: '2026-03-01' }
  expect(queryIn(addressOf(query).slice('/audit'.length))).toEqual(query)
  expect(addressOf(queryIn(''))).toBe('/audit')
  expect(queryIn('?stream=nonsense').stream).toBe('audit')
})

test('days are whole days of the viewer: the last one is part of it', () => {
  const asked = new URLSearchParams(askedOf({ ...queryIn(''), from: '2026-03-01', to: '2026-03-01' }))
  expect(Number(asked.get('to'))).toBe(new Date(2026, 2, 2).getTime())
  expect(Number(asked.get('from'))).toBe(new Date(2026, 2, 1).getTime())
})

test('half a day and blank words ask for nothing', () => {
  expect(askedOf({ ...queryIn(''), from: '2026-03', by: '  ' })).toBe('stream=audit')
})
