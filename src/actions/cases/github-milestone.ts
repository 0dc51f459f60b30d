/** What the contract asks of `github-milestone`: one with an issue that is still open. */
import { tmpdir } from 'node:os'
import type { ActionCases } from '../actions.contract.ts'
import { startGithubApi } from '../parts/github.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    const { issues, milestones } = api.repository
    milestones.push({ number: 3, title: 'v1.4.0' }, { number: 4, title: 'Old', state: 'closed' })
    issues.push({ number: 1, title: 'Done', state: 'closed', labels: [], milestone: 3 })
    issues.push({ number: 2, title: 'Left', state: 'open', labels: [], milestone: 3 })
    return {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: api.token },
      variables: { version: '1.4.0' },
      config: { repository: 'acme/shop', base: api.base, title: 'v{{ version }}', 'move-open-to': 'Next' },
      state: () => structuredClone({ issues, milestones }),
      end: () => api.close(),
    }
  },
  broken: [
    { name: 'there is no such milestone', config: { title: 'v9' }, says: 'there is no milestone v9' },
    { name: 'the next one is closed', config: { 'move-open-to': 'Old' }, says: 'the milestone Old is closed' },
    { name: 'the repository is another', config: { repository: 'acme/secret' }, says: 'or the token may not see it' },
  ],
}
