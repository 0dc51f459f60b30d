/** What the contract asks of `git-tag`: a repository with a remote. */
import type { ActionCases } from '../actions.contract.ts'
import { repositoryWorld } from '../parts/repository.fixture.ts'

export const cases: ActionCases = {
  world: () => repositoryWorld({ tag: 'v{{ version }}', push: 'origin' }),
  broken: [
    { name: 'there is no such commit', config: { commit: 'gone' }, says: 'there is no commit gone' },
    { name: 'the name is none for a tag', config: { tag: 'a..b' }, says: '"a..b" is no name for a tag' },
    {
      name: 'a name would be an option',
      config: { tag: '--delete' },
      says: 'expected a name that does not begin with -',
    },
  ],
}
