import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type GithubApi, startGithubApi } from '../../test/support/github-api.ts'
import type { Json } from '../core/units.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let api: GithubApi
beforeEach(async () => {
  api = await startGithubApi()
  api.repository.milestones.push({ number: 3, title: 'v1.4' })
  api.repository.labels.push('shipped')
})
afterEach(() => api.close())

const act = (config: Readonly<Record<string, Json>>, kind = 'github-issue'): Promise<ActionEnd> =>
  runActionProcess(
    kind,
    'run',
    { repository: 'acme/shop', base: api.base, ...config },
    { cwd: tmpdir(), env: { GITHUB_TOKEN: api.token } },
  )

function put(count: number, more: Record<string, unknown> = {}): void {
  for (let n = 0; n < count; n += 1) {
    const number = api.repository.issues.length + 1
    api.repository.issues.push({
      number,
      title: `Issue ${number}`,
      state: 'open',
      labels: [],
      milestone: null,
      ...more,
    })
  }
}

test('an issue is found again behind a page of others, closed or with another title, and not opened twice', async () => {
  const open = { title: 'Watch the memory', body: 'For a week', labels: ['follow-up'], milestone: 'v1.4' }
  expect(await act({ open })).toMatchObject({
    exitCode: 0,
    captured: { issue_number: '1', issue_url: expect.stringContaining('/issues/1') },
  })
  expect(api.repository.issues).toMatchObject([{ labels: ['follow-up'], milestone: 3, state: 'open' }])
  Object.assign(api.repository.issues[0] as object, { title: 'Other words', state: 'closed' })
  put(150)
  expect((await act({ open })).stdout).toContain('#1 was opened already, and is closed')
  expect((await act({ open: { ...open, mark: 'another' } })).stdout).toContain('opened #152')
  expect(api.repository.issues).toHaveLength(152)
})

test('the issues of a milestone, under a label or by number are closed with a word, once; pull requests are not', async () => {
  put(2, { milestone: 3 })
  put(1, { milestone: 3, pull_request: {} })
  put(1, { labels: ['shipped'] })
  put(1)
  const comment = 'In v1.4.0'
  // It was said, and closing it was not reached.
  Object.assign(api.repository.issues[1] as object, { comments: [comment] })
  expect((await act({ close: { milestone: 'v1.4', comment } })).stdout).toContain('closed #2, #1')
  expect((await act({ close: { milestone: 'v1.4', comment } })).stdout).toContain('closed already')
  expect((await act({ close: { label: 'shipped' } })).exitCode).toBe(0)
  expect((await act({ close: { numbers: ['#5', 1] } })).stdout).toContain('closed #5')
  expect(api.repository.issues.map(({ state }) => state)).toEqual(['closed', 'closed', 'open', 'closed', 'closed'])
  expect(api.repository.issues.map(({ comments }) => comments?.length ?? 0)).toEqual([1, 1, 0, 0, 0])
  expect((await act({ close: { numbers: [3] } })).stderr).toContain('#3 is a pull request')
  expect((await act({ close: { label: 'typo' } })).stderr).toContain('there is no label typo')
})

test('a deployment goes from one state to the next, and is made only once', async () => {
  const sha = 'b'.repeat(40)
  api.repository.commits.push(sha)
  const tell = (state: string): Promise<ActionEnd> =>
    act({ commit: sha, environment: 'production', state }, 'github-deployment-status')
  await tell('in_progress')
  expect((await tell('success')).stdout).toContain('is success')
  expect((await tell('success')).stdout).toContain('knows already')
  const nowhere = await act({ commit: sha }, 'github-deployment-status')
  expect(nowhere.stderr).toContain('nobody knows the environment')
  expect(api.repository.deployments).toMatchObject([{ states: [{ state: 'in_progress' }, { state: 'success' }] }])
})
