/** What the contract asks of `github-release`: a repository with a tag. */
import { tmpdir } from 'node:os'
import type { ActionCases } from '../actions.contract.ts'
import { startGithubApi } from '../parts/github.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    api.repository.refs.set('v1.4.0', 'a'.repeat(40))
    return {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: api.token },
      variables: { version: '1.4.0' },
      config: { repository: 'acme/shop', base: api.base, tag: 'v{{ version }}', notes: 'What is new' },
      state: () => structuredClone(api.repository.releases),
      end: () => api.close(),
    }
  },
  broken: [
    { name: 'there is no such tag', config: { tag: 'v9' }, says: 'GitHub has no tag v9' },
    { name: 'the repository is another', config: { repository: 'acme/secret' }, says: 'or the token may not see it' },
  ],
}
