import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type GithubApi, startGithubApi } from '../../test/support/github-api.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let api: GithubApi
beforeEach(async () => {
  api = await startGithubApi()
  api.repository.refs.set('v1.4.0', 'a'.repeat(40))
})
afterEach(() => api.close())

const publish = (config: Readonly<Record<string, string | boolean>> = {}): Promise<ActionEnd> =>
  runActionProcess(
    'github-release',
    'run',
    { repository: 'acme/shop', base: api.base, tag: 'v1.4.0', ...config },
    { cwd: tmpdir(), env: { GITHUB_TOKEN: api.token } },
  )

test('without notes GitHub writes them, and the address is given to later steps', async () => {
  const ended = await publish()
  expect(ended).toMatchObject({
    exitCode: 0,
    captured: { release_url: expect.stringContaining('/releases/tag/v1.4.0') },
  })
  expect(api.repository.releases).toMatchObject([
    { name: 'v1.4.0', body: "## What's Changed", draft: false, prerelease: false },
  ])
  expect(JSON.stringify(ended)).not.toContain(api.token)
})

test('a draft with notes that somebody wrote becomes the release, with these notes', async () => {
  api.repository.releases.push({
    id: 5,
    tag_name: 'v1.4.0',
    name: 'Spring',
    body: 'Written by Ana',
    draft: true,
    prerelease: false,
    published_at: null,
    html_url: 'https://github.example/draft',
    upload_url: '',
    assets: [],
  })
  expect((await publish()).stdout).toContain('published v1.4.0')
  expect(api.repository.releases).toMatchObject([{ name: 'Spring', body: 'Written by Ana', draft: false }])
})

test('a pre-release becomes the release in place, and a token that may only read is said', async () => {
  await publish({ prerelease: true })
  expect((await publish()).stdout).toContain('changed v1.4.0')
  expect(api.repository.releases).toMatchObject([{ prerelease: false }])
  api.readOnly()
  expect((await publish({ notes: 'Other' })).stderr).toContain('GitHub refuses: Resource not accessible')
})
