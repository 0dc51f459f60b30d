/** What the contract asks of `github-deployment-status`: a commit that was not deployed. */
import { tmpdir } from 'node:os'
import type { ActionCases } from '../actions.contract.ts'
import { startGithubApi } from '../parts/github.fixture.ts'

const sha = 'a'.repeat(40)

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    api.repository.commits.push(sha)
    api.repository.statuses.push({ sha, context: 'ci', state: 'pending' })
    return {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: api.token },
      variables: { environment: 'production', commit: sha },
      config: { repository: 'acme/shop', base: api.base, environment: '{{ environment }}', commit: '{{ commit }}' },
      state: () => structuredClone(api.repository.deployments),
      end: () => api.close(),
    }
  },
  broken: [
    { name: 'there is no such commit', config: { commit: 'gone' }, says: 'No commit found for SHA: gone' },
    { name: 'the repository is another', config: { repository: 'acme/secret' }, says: 'or the token may not see it' },
  ],
}
