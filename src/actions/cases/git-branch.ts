/** What the contract asks of `git-branch`: a repository with a remote. */
import type { ActionCases } from '../actions.contract.ts'
import { repositoryWorld } from '../parts/repository.fixture.ts'

export const cases: ActionCases = {
  world: () => repositoryWorld({ branch: 'release/{{ version }}', remote: 'origin' }),
  broken: [
    { name: 'there is no such commit', config: { commit: 'gone' }, says: 'there is no commit gone' },
    { name: 'the branch to put away is not there', config: { archive: 'archive/x' }, says: 'there is no branch' },
  ],
}
