import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Json } from '../core/units.ts'
import { boardOfReleases, startGithubApi } from './parts/github.fixture.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let api: Awaited<ReturnType<typeof startGithubApi>>
const [first, second] = ['a'.repeat(40), 'b'.repeat(40)]
beforeEach(async () => {
  api = await startGithubApi()
  const { boards, commits, refs, issues, pulls, milestones } = api.repository
  boards.push(boardOfReleases())
  commits.push(first, second)
  refs.set('v1.3.0', first)
  milestones.push({ number: 1, title: 'v1.4.0' })
  for (const number of [1, 2, 3, 4, 5])
    issues.push({ number, title: `Issue ${number}`, state: 'open', labels: [], milestone: null })
  Object.assign(issues[3] as object, { pull_request: {} })
  const merged = { user: { login: 'ana' }, base: { ref: 'main' }, shas: [second] }
  pulls.push({ ...merged, number: 4, merged_at: '2026-01-01T00:00:00Z', closes: [2, 1, 'acme/web#7'] })
  pulls.push({ ...merged, number: 6, merged_at: null, closes: [5] })
})
afterEach(() => api.close())

const act = (kind: string, config: Readonly<Record<string, Json>>, mode: 'run' | 'probe' = 'run'): Promise<ActionEnd> =>
  runActionProcess(
    kind,
    mode,
    { repository: 'acme/shop', base: api.base, ...config },
    { cwd: tmpdir(), env: { GITHUB_TOKEN: api.token, HOLDPOINT_COMMIT: second } },
  )

test('what the merged pull requests of the release fixed gets to Done, and is closed with a word; what is not merged is not', async () => {
  const fixed = { 'fixed-since': 'v1.3.0' }
  const moved = await act('github-project', { project: 4, ...fixed, to: 'Done' })
  expect(moved.stdout).toContain('moved to Done on the board Releases: #1, #2')
  expect(moved.stdout).toContain('#4 closes acme/web#7 too, which are left alone')
  expect(moved.captured).toEqual({ board_url: 'https://github.example/orgs/acme/projects/4' })
  const shown = api.repository.boards[0]?.items.map(({ number, values }) => [number, values['Status']])
  expect(shown).toEqual([
    [1, 'Done'],
    [undefined, undefined],
    [3, 'In release'],
    [7, 'In release'],
    [2, 'Done'],
  ])
  expect((await act('github-issue', { close: { ...fixed, comment: 'In v1.4.0' } })).stdout).toContain('closed #1, #2')
  expect(api.repository.issues.map(({ state }) => state)).toEqual(['closed', 'closed', 'open', 'open', 'open'])
  expect((await act('github-issue', { close: { 'fixed-since': second } })).stdout).toContain('closed already')
  expect((await act('github-issue', { close: { 'fixed-since': 'v9' } })).stderr).toContain('there is no range v9')
})

test('all cards of a column are moved, of other repositories too, and not those that are archived', async () => {
  expect((await act('github-project', { project: 4, from: 'In release', to: 'Done' })).stdout).toContain(
    'moved to Done on the board Releases: #1, acme/web#7',
  )
  expect(api.repository.boards[0]?.items[2]?.values).toEqual({ Status: 'In release' })
  const archived = { project: 4, numbers: [5, 3], to: 'Done' }
  expect((await act('github-project', archived)).stderr).toContain('#3 is archived on the board')
  expect((await act('github-project', { project: 4, numbers: [99], to: 'Done' })).stderr).toContain(
    'there is no issue #99',
  )
  // The first would have been moved by then.
  expect(api.repository.boards[0]?.items).toHaveLength(4)
})

test('a token that may not see boards, or only see them, is refused in words, and the probe cannot tell', async () => {
  const move = { project: 4, numbers: [1], to: 'Done' }
  api.repository.scopes = ['repo', 'read:project']
  expect((await act('github-project', move)).stderr).toContain('has not been granted the required scopes')
  api.repository.scopes = ['repo']
  expect((await act('github-project', move, 'probe')).exitCode).toBe(2)
  api.repository.scopes = ['repo', 'project']
  api.readOnly()
  expect((await act('github-project', move)).stderr).toContain('GitHub refuses: Resource not accessible')
  expect(api.repository.boards[0]?.items[0]?.values).toEqual({ Status: 'In release' })
})

test('a milestone with open issues is not closed unless it is said where they go; pull requests go along', async () => {
  for (const each of api.repository.issues.slice(0, 4)) each.milestone = 1
  const close = { title: 'v1.4.0' }
  expect((await act('github-milestone', close)).stderr).toContain('open in v1.4.0: #4, #3, #2, #1; close them, or say')
  const moved = await act('github-milestone', { ...close, 'move-open-to': 'v1.5.0' })
  expect(moved).toMatchObject({ exitCode: 0, captured: { milestone_number: '1' } })
  expect(api.repository.milestones).toMatchObject([{ state: 'closed' }, { title: 'v1.5.0' }])
  expect(api.repository.issues.map(({ milestone }) => milestone)).toEqual([2, 2, 2, 2, null])
  const plan = { title: 'v1.5.0', state: 'open', due: '2027-01-31', description: 'What comes' }
  expect((await act('github-milestone', plan, 'probe')).exitCode).toBe(1)
  expect((await act('github-milestone', plan)).exitCode).toBe(0)
  expect((await act('github-milestone', plan)).stdout).toContain('v1.5.0 was open already')
  expect((await act('github-milestone', { ...plan, title: 'v2' })).exitCode).toBe(0)
  expect(api.repository.milestones).toMatchObject([{}, { due_on: '2027-01-31T07:00:00Z' }, { title: 'v2', number: 3 }])
})

test('something is said at issues and pull requests once, at those of a milestone and a label together', async () => {
  for (const each of api.repository.issues) each.milestone = 1
  api.repository.labels.push('shipped')
  for (const at of [0, 1]) api.repository.issues[at]?.labels.push('shipped')
  Object.assign(api.repository.issues[0] as object, { state: 'closed' })
  const both = { milestone: 'v1.4.0', label: 'shipped', body: 'Out in v1.4.0' }
  expect((await act('github-issue', { comment: both })).stdout).toContain('said at #2, #1')
  expect((await act('github-issue', { comment: { numbers: [1, 4], body: 'Out in v1.4.0' } })).stdout).toContain(
    'said at #4',
  )
  expect((await act('github-issue', { comment: both })).stdout).toContain('said at each already')
  expect(api.repository.issues.map(({ comments }) => comments?.length ?? 0)).toEqual([1, 1, 0, 1, 0])
})
