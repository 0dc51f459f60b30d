/** What the contract asks of `git-branch`: a repository with a remote. */
import type { ActionCases } from '../actions.contract.ts'
import { repository } from '../parts/repository.fixture.ts'

export const cases: ActionCases = {
  world: () => {
    const { here, env, refs, end } = repository()
    return {
      cwd: here,
      env,
      variables: { version: '1.4.0' },
      config: { branch: 'release/{{ version }}', remote: 'origin' },
      state: refs,
      end,
    }
  },
  broken: [
    { name: 'there is no such commit', config: { commit: 'gone' }, says: 'there is no commit gone' },
    { name: 'the branch to put away is not there', config: { archive: 'archive/x' }, says: 'there is no branch' },
  ],
}
