import { afterEach, beforeEach, expect, test } from 'vitest'
import { type GithubApi, startGithubApi } from '../../test/support/github-api.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { compile } from '../core/plan/compile.ts'
import { github } from './github.ts'
import { evidenceText, falseClock, runCheck, testPowers } from './parts/powers.fixture.ts'

const sha = (nth: number): string => nth.toString(16).padStart(40, '0')
const head = sha(3)

let api: GithubApi
beforeEach(async () => {
  api = await startGithubApi()
  api.repository.commits.push(sha(1), sha(2), head)
  api.repository.refs.set('v1.3.0', sha(1))
})
afterEach(() => api.close())

const ask = (config: Readonly<Record<string, unknown>>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(
    github as never,
    { repository: 'acme/shop', base: api.base, ...config },
    {
      variables: { commit: head, version: '1.4.0', previous: '1.3.0' },
      secret: () => api.token,
      clock: falseClock(),
      ...powers,
    },
  )

const ran = (name: string, conclusion: string | null, status = 'completed'): void =>
  void api.repository.checkRuns.push({ sha: head, name, status, conclusion })

test('named checks have to have succeeded: a failed one fails, one that is not over or never ran decides nothing', async () => {
  ran('lint', 'success')
  ran('test', null, 'in_progress')
  expect(await ask({ checks: ['lint'] })).toMatchObject({
    outcome: 'passed',
    say: expect.stringMatching(/check lint succeeded/),
  })
  expect(await ask({ checks: ['lint', 'test', 'build'] })).toMatchObject({
    outcome: 'inconclusive',
    say: 'check test is not over, build did not run',
  })
  api.repository.statuses.push({ sha: head, context: 'build', state: 'failure' })
  expect(await ask({ checks: ['lint', 'test', 'build'] })).toMatchObject({
    outcome: 'failed',
    say: 'check build ended as failure',
    facts: { commit: head, checks_failed: ['build'] },
  })
})

test('a check that was skipped counts neither as seen by name nor as the one that has to have run', async () => {
  ran('lint', 'skipped')
  expect(await ask({ checks: ['lint'] })).toMatchObject({ outcome: 'failed', say: 'check lint ended as skipped' })
  expect(await ask({ checks: 'all' })).toMatchObject({ outcome: 'inconclusive', say: 'no check ran for the commit' })
  ran('test', 'success')
  expect(await ask({ checks: 'all' })).toMatchObject({ outcome: 'passed', facts: { checks: 1 } })
})

test('checks beyond the first page are seen', async () => {
  for (let nth = 0; nth < 130; nth += 1) ran(`job ${nth}`, 'success')
  expect(await ask({ checks: 'all' })).toMatchObject({ outcome: 'passed', facts: { checks: 130 } })
  ran('the last', 'timed_out')
  expect(await ask({ checks: 'all' })).toMatchObject({ outcome: 'failed', say: 'the last ended as timed_out' })
})

test('of a workflow the newest run for this commit counts, by name or by file', async () => {
  const run = (id: number, conclusion: string | null): void =>
    void api.repository.runs.push({
      id,
      workflow_id: 7,
      name: 'Release Gates',
      path: '.github/workflows/gates.yml@main',
      head_sha: head,
      head_branch: 'main',
      event: 'push',
      display_title: '',
      created_at: '',
      html_url: `https://example.com/${id}`,
      status: conclusion === null ? 'queued' : 'completed',
      conclusion,
    })
  expect(await ask({ workflows: ['Release Gates'] })).toMatchObject({ outcome: 'inconclusive' })
  run(1, 'failure')
  expect(await ask({ workflows: ['Release Gates'] })).toMatchObject({ outcome: 'failed' })
  run(2, 'success')
  const passed = await ask({ workflows: ['Release Gates', 'gates.yml'] })
  expect(passed).toMatchObject({ outcome: 'passed', facts: { workflows_failed: [] } })
  expect(evidenceText(passed)).toContain('workflow Release Gates: success https://example.com/2')
  run(3, null)
  expect(await ask({ workflows: ['gates.yml'] })).toMatchObject({ outcome: 'inconclusive' })
})

const pull = (number: number, shas: readonly string[], merged = true): void =>
  void api.repository.pulls.push({
    number,
    shas,
    merged_at: merged ? '2026-03-01T10:00:00Z' : null,
    user: { login: 'ana' },
    base: { ref: 'main' },
  })
const review = (number: number, login: string, state: string): void =>
  void api.repository.reviews.push({ id: api.repository.reviews.length + 1, pull: number, state, user: { login } })

test('a commit that came without a merged pull request is named', async () => {
  pull(11, [sha(2)])
  pull(12, [head], false)
  expect(await ask({ since: 'v{{ previous }}' })).toMatchObject({
    outcome: 'failed',
    say: `1 commit without a pull request: ${head.slice(0, 10)}`,
    facts: { direct_commits: [head], pull_requests: 1 },
  })
  pull(13, [head])
  expect(await ask({ since: 'v{{ previous }}' })).toMatchObject({ outcome: 'passed', facts: { pull_requests: 2 } })
  expect(await ask({ since: 'v1.3.0', into: 'release' })).toMatchObject({ outcome: 'failed' })
})

test('approvals are those of others than the author, by their last word', async () => {
  pull(11, [sha(2), head])
  review(11, 'ana', 'APPROVED')
  review(11, 'ben', 'APPROVED')
  review(11, 'ben', 'COMMENTED')
  review(11, 'eve', 'APPROVED')
  review(11, 'eve', 'DISMISSED')
  expect(await ask({ since: 'v1.3.0', approvals: 1 })).toMatchObject({ outcome: 'passed', facts: { approvals: 1 } })
  expect(await ask({ since: 'v1.3.0', approvals: 2 })).toMatchObject({
    outcome: 'failed',
    say: '#11 has 1 approval, expected 2',
  })
  review(11, 'eve', 'APPROVED')
  review(11, 'joe', 'CHANGES_REQUESTED')
  expect(await ask({ since: 'v1.3.0', approvals: 2 })).toMatchObject({
    outcome: 'failed',
    say: 'joe asked for changes of #11',
  })
})

test('a range of nothing, or the wrong way round, is not approved', async () => {
  expect(await ask({ since: head })).toMatchObject({ outcome: 'inconclusive' })
  expect(await ask({ since: head, commit: 'v1.3.0' })).toMatchObject({ outcome: 'failed' })
  expect(await ask({ since: 'v9' })).toMatchObject({ outcome: 'errored', say: expect.stringContaining('range v9...') })
})

test('open issues of a milestone or a label are named, and neither may be misspelt', async () => {
  api.repository.milestones.push({ number: 4, title: '1.4.0' })
  api.repository.labels.push('release-blocker')
  api.repository.issues.push({
    number: 21,
    title: 'It leaks',
    state: 'open',
    labels: ['release-blocker'],
    milestone: 4,
  })
  expect(await ask({ milestone: '{{ version }}' })).toMatchObject({
    outcome: 'failed',
    say: '1 issue open in milestone 1.4.0: #21',
    facts: { open_issues: 1 },
  })
  expect(await ask({ 'nothing-open': ['release-blocker'] })).toMatchObject({ outcome: 'failed' })
  api.repository.issues.splice(0)
  expect(await ask({ milestone: '1.4.0', 'nothing-open': ['release-blocker'] })).toMatchObject({ outcome: 'passed' })
  expect(await ask({ milestone: '1.5.0' })).toMatchObject({ outcome: 'failed', say: 'there is no milestone 1.5.0' })
  expect(await ask({ 'nothing-open': ['blocker'] })).toMatchObject({
    outcome: 'failed',
    say: 'there is no label blocker',
  })
})

test('a draft is not published, and a deployment has to have ended well', async () => {
  const release = { id: 1, tag_name: 'v1.4.0', name: '', body: '', html_url: '', upload_url: '', assets: [] }
  api.repository.releases.push({ ...release, draft: true, prerelease: false, published_at: null })
  expect(await ask({ release: 'v{{ version }}' })).toMatchObject({ outcome: 'failed' })
  expect((await ask({ notes: 'v{{ version }}' })).say).toContain('the draft v1.4.0 has no notes')
  Object.assign(api.repository.releases[0] as object, { body: '## Faster carts' })
  expect(await ask({ notes: 'v{{ version }}' })).toMatchObject({ outcome: 'passed', facts: { draft: true } })
  expect((await ask({ notes: 'v9' })).say).toContain('there is no release v9, and no draft of it')
  api.repository.releases.push({ ...release, draft: false, prerelease: true, published_at: '2026-03-01T10:00:00Z' })
  expect(await ask({ release: 'v{{ version }}' })).toMatchObject({ outcome: 'passed', facts: { prerelease: true } })
  expect(await ask({ release: 'v1.4.0' }, { expectation: '!prerelease', expect: () => false })).toMatchObject({
    outcome: 'failed',
  })
  expect(await ask({ deployment: 'production' })).toMatchObject({ outcome: 'failed' })
  const states = [{ id: 1, state: 'in_progress' }]
  api.repository.deployments.push({ id: 9, sha: head, environment: 'production', states })
  expect(await ask({ deployment: 'production' })).toMatchObject({ outcome: 'inconclusive' })
  states.push({ id: 2, state: 'success' })
  expect(await ask({ deployment: 'production' })).toMatchObject({ outcome: 'passed' })
})

test('a limit is waited for as long as GitHub asks, and too long a one is said', async () => {
  ran('lint', 'success')
  api.instead(1, 429, { 'retry-after': '30' })
  const clock = falseClock(0)
  expect(await ask({ checks: 'all' }, { clock })).toMatchObject({ outcome: 'passed' })
  expect(clock.now()).toBe(30_000)
  const date = new Date(1_000_000)
  api.instead(1, 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1010', date: date.toUTCString() })
  expect(await ask({ checks: 'all' }, { clock })).toMatchObject({ outcome: 'passed' })
  expect(clock.now()).toBe(41_000)
  api.instead(1, 403, {}, 'You have exceeded a secondary rate limit.')
  expect(await ask({ checks: 'all' }, { clock })).toMatchObject({ outcome: 'passed' })
  expect(clock.now()).toBe(101_000)
  api.instead(1, 429, { 'retry-after': '3000' })
  expect(await ask({ checks: 'all' })).toMatchObject({
    outcome: 'errored',
    say: 'GitHub asks to wait 3000 s: too many requests',
  })
})

test('what GitHub refuses is said in words, and the token never is', async () => {
  const said = await Promise.all([
    ask({ checks: 'all' }, { secret: () => 'wrong-token' }),
    ask({ checks: 'all', repository: 'acme/secret' }),
    ask({ checks: 'all', commit: 'no-such' }),
  ])
  expect(said.map(({ outcome, say }) => [outcome, say])).toEqual([
    ['errored', 'GitHub does not accept the token (401)'],
    ['errored', `there is no commit ${head}, or the token may not see it (404)`],
    ['errored', 'GitHub does not accept it: No commit found for SHA: no-such (422)'],
  ])
  expect(JSON.stringify(said)).not.toContain('wrong-token')
  api.instead(3, 502)
  expect(await ask({ checks: 'all' })).toMatchObject({ outcome: 'errored', say: 'GitHub has an outage (502)' })
})

test('a next page at another place is refused, as the token would go along', async () => {
  ran('lint', 'success')
  const http: CheckPowers['http'] = async (url, init) => {
    const answer = await testPowers().http(url, init)
    const elsewhere = { link: '<https://evil.example/next>; rel="next"' }
    return new Response(await answer.text(), { status: answer.status, headers: elsewhere })
  }
  expect(await ask({ checks: 'all' }, { http })).toMatchObject({
    outcome: 'errored',
    say: 'the next page lies at another place, where the token is not sent',
  })
})

test('settings that ask nothing, or a token instead of its name, are refused', () => {
  const problems = (config: object): string =>
    JSON.stringify(github.config.safeParse({ repository: 'acme/shop', ...config }).error?.issues ?? [])
  expect(problems({})).toContain('expected at least one thing to ask')
  expect(problems({ checks: 'all', approvals: 2 })).toContain('expected since')
  expect(problems({ checks: 'all', token: 'ghp-abc.def' })).toContain('never its value')
  expect(problems({ checks: 'all', repository: 'shop' })).toContain('expected owner/name')
})

test('a token that nobody declared is a fault of the document, also where its name is not said', () => {
  const text = `---
holdpoint: 1
name: Shop
service: shop
---
## Checks
- [ ] Green
  \`\`\`yaml check
  kind: github
  repository: acme/shop
  checks: all
  \`\`\`
`
  const { problems } = compile(
    { file: 'shop.md', bytes: new TextEncoder().encode(text), shared: null },
    {
      checks: new Map([['github', github as never]]),
      sources: new Map(),
      drivers: new Map(),
      notifiers: new Map(),
    },
  )
  expect(problems.map(({ found }) => found)).toContain('unknown secret "GITHUB_TOKEN"')
})

test('doctor asks for the repository and nothing else', async () => {
  const config = github.config.parse({ repository: 'acme/shop', base: api.base, checks: 'all' })
  const powers = testPowers({ secret: () => api.token })
  expect(await github.probe?.(config, powers)).toEqual({ ok: true, say: 'acme/shop answers' })
  expect(api.asked).toEqual(['GET /repos/acme/shop 200'])
})
