/** What the contract asks of `github-dispatch`: a repository with a workflow that shows its id. */
import { tmpdir } from 'node:os'
import { startGithubApi } from '../parts/github.fixture.ts'
import type { ActionCases } from '../actions.contract.ts'

export const cases: ActionCases = {
  world: async () => {
    const api = await startGithubApi()
    const { base, token, repository } = api
    repository.refs.set('v1.4.0', 'a'.repeat(40))
    repository.workflows.push({ id: 7, file: 'deploy.yml', inputs: ['environment', 'holdpoint'], shows: 'holdpoint' })
    return {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: token, HOLDPOINT_RELEASE: 'r-1', HOLDPOINT_ATTEMPT: 'r-1/go/action-1' },
      variables: { version: '1.4.0' },
      config: {
        repository: 'acme/shop',
        base,
        workflow: 'deploy.yml',
        ref: 'v{{ version }}',
        inputs: { environment: 'production' },
        every: '100ms',
      },
      state: () => structuredClone(repository.runs),
      end: () => api.close(),
    }
  },
  broken: [
    { name: 'there is no such workflow', config: { workflow: 'gone.yml' }, says: 'there is no workflow gone.yml' },
    { name: 'there is no such branch or tag', config: { ref: 'gone' }, says: 'No ref found for: gone (422)' },
    {
      name: 'the workflow has no such input',
      config: { inputs: { colour: 'red' } },
      says: 'Unexpected inputs provided',
    },
    { name: 'the repository is another', config: { repository: 'acme/secret' }, says: 'or the token may not see it' },
    { name: 'nobody answers', config: { base: 'http://127.0.0.1:1' }, says: '127.0.0.1' },
  ],
}
