/** Addresses of the pages. */
import { expect, test } from 'vitest'
import { placeOf } from './router.tsx'

test('an address names a page and what varies in it', () => {
  expect(placeOf('/')).toEqual({ page: 'board', parts: {} })
  expect(placeOf('/releases/shop%2F1')).toEqual({ page: 'release', parts: { id: 'shop/1' } })
})

test('an address that somebody cut off or mistyped is a page that says so', () => {
  expect(placeOf('/releases/').page).toBe('nowhere')
  expect(placeOf('/elsewhere').page).toBe('nowhere')
  expect(placeOf('/releases/%E0').parts).toEqual({ id: '%E0' })
})
