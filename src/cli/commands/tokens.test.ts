/** How `token list` says where a token works. */
import { expect, test } from 'vitest'
import { scopeWords } from './tokens.ts'

const scoped = (organisation: string | null, project: string | null, environment: string | null) =>
  scopeWords({ scope: { place: { organisation, project, environment }, rights: null, labels: [] } })

test('a token without bounds of its own is not said to work everywhere: it works where its holder does', () => {
  expect(scoped(null, null, null)).toBe('as its holder')
  expect(scoped('acme', 'shop', null)).toBe('acme/shop')
  expect(scoped(null, null, 'staging')).toMatch(/staging/)
})
