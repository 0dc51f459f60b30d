/** A stand-in of GitHub that the cases of actions act on, and a board in it. */
import type { GithubBoard } from '../../../test/support/github-repository.ts'

export { startGithubApi } from '../../../test/support/github-api.ts'

/** Board 4 of acme: #1 is in the release, #3 is archived, there is a draft, and a card of another repository. */
export function boardOfReleases(): GithubBoard {
  const options = ['Todo', 'In release', 'Done'].map((name, at) => ({ id: `f75ad84${at}`, name }))
  return {
    id: 'PVT_kwDOA1',
    owner: 'acme',
    number: 4,
    title: 'Releases',
    closed: false,
    fields: [
      { id: 'PVTF_notes', name: 'Notes' },
      { id: 'PVTSSF_status', name: 'Status', options },
    ],
    items: [
      { id: 'PVTI_1', number: 1, values: { Status: 'In release' } },
      { id: 'PVTI_2', title: 'An idea', values: {} },
      { id: 'PVTI_3', number: 3, isArchived: true, values: { Status: 'In release' } },
      { id: 'PVTI_4', number: 7, where: 'acme/web', values: { Status: 'In release' } },
    ],
  }
}
