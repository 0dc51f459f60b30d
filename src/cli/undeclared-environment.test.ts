/** When a place is told to be of an environment that nobody declared. */
import { expect, test } from 'vitest'
import { undeclaredWords } from './undeclared-environment.ts'

const projects = [
  { id: 'shop', environments: [{ name: 'production' }, { name: 'staging' }] },
  { id: 'new', environments: [] },
]
const at = (project: string | null, environment: string | null) =>
  undeclaredWords({ organisation: 'acme', project, environment }, projects)

test('a mistyped environment is told with those that the project has, and how to declare it', () => {
  expect(at('shop', 'prodction')).toBe(
    'note: shop declares no environment "prodction", only production, staging; if it is to be one: holdpoint project environment shop prodction',
  )
})

test('nothing is told of what is declared, of a whole project, and of a project that declares none yet', () => {
  expect(at('shop', 'production')).toBeNull()
  expect(at('shop', null)).toBeNull()
  expect(at('new', 'prodction')).toBeNull()
  expect(at('unseen', 'prodction')).toBeNull()
})
