/** What the contract asks of `github-project`: a board with a card, and an issue that has none. */
import { tmpdir } from 'node:os'
import type { ActionCases } from '../actions.contract.ts'
import { boardOfReleases, startGithubApi } from '../parts/github.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    const { boards, issues, milestones } = api.repository
    milestones.push({ number: 3, title: 'v1.4.0' })
    for (const number of [1, 2])
      issues.push({ number, title: `Issue ${number}`, state: 'closed', labels: [], milestone: 3 })
    issues.push({ number: 3, title: 'Archived', state: 'closed', labels: [], milestone: null })
    boards.push(boardOfReleases())
    return {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: api.token },
      variables: { version: '1.4.0' },
      config: { repository: 'acme/shop', base: api.base, project: 4, milestone: 'v{{ version }}', to: 'Done' },
      state: () => structuredClone(boards),
      end: () => api.close(),
    }
  },
  broken: [
    { name: 'there is no such board', config: { project: 9 }, says: 'Could not resolve to a ProjectV2' },
    { name: 'it is of somebody else', config: { owner: 'nobody' }, says: 'there is nobody called nobody' },
    { name: 'there is no such option', config: { to: 'Shipped' }, says: 'it can be Todo, In release, Done' },
    { name: 'the field is a text', config: { field: 'Notes' }, says: 'has no field Notes of options' },
    { name: 'there is no such milestone', config: { milestone: 'v9' }, says: 'there is no milestone v9' },
    { name: 'cards are not to be added', config: { add: false }, says: '#2 is not on the board' },
  ],
}
