/** What the contract asks of `git-push`: a repository with a remote, and a branch that the remote does not have. */
import type { ActionCases } from '../actions.contract.ts'
import { repositoryWorld } from '../parts/repository.fixture.ts'

export const cases: ActionCases = {
  world: () => repositoryWorld({ branch: 'release/{{ version }}', commit: 'HEAD' }),
  broken: [
    { name: 'there is no such commit', config: { commit: 'gone' }, says: 'there is no commit gone' },
    { name: 'there is no such remote', config: { remote: 'nowhere' }, says: 'git ls-remote ended with' },
    { name: 'the name is none', config: { branch: 'a..b' }, says: '"a..b" is no name for a branch or tag' },
    { name: 'a name would be an option', config: { remote: '--force' }, says: 'expected a name that does not begin' },
  ],
}
