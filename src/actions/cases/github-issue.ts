/** What the contract asks of `github-issue`: a repository with other issues. */
import { tmpdir } from 'node:os'
import type { ActionCases } from '../actions.contract.ts'
import { startGithubApi } from '../parts/github.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    api.repository.issues.push({ number: 1, title: 'Other', state: 'open', labels: [], milestone: null })
    return {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: api.token },
      variables: { version: '1.4.0' },
      config: { repository: 'acme/shop', base: api.base, open: { title: 'Drop the column after {{ version }}' } },
      state: () => structuredClone(api.repository.issues),
      end: () => api.close(),
    }
  },
  broken: [
    {
      name: 'there is no such milestone',
      config: { open: { title: 'New', milestone: 'v9' } },
      says: 'there is no milestone v9',
    },
    {
      name: 'an assignee is nobody',
      config: { open: { title: 'New', assignees: ['nobody'] } },
      says: 'Validation Failed',
    },
    { name: 'the repository is another', config: { repository: 'acme/secret' }, says: 'or the token may not see it' },
  ],
}
