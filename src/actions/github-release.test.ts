import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type GithubApi, startGithubApi } from '../../test/support/github-api.ts'
import type { Json } from '../core/units.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let api: GithubApi
let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-release-'))
  api = await startGithubApi()
  api.repository.refs.set('v1.4.0', 'a'.repeat(40))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await api.close()
})

const publish = (config: Readonly<Record<string, Json>> = {}, mode: 'run' | 'probe' = 'run'): Promise<ActionEnd> =>
  runActionProcess(
    'github-release',
    mode,
    { repository: 'acme/shop', base: api.base, tag: 'v1.4.0', ...config },
    { cwd: folder, env: { GITHUB_TOKEN: api.token } },
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

test('a draft is made once, with the notes that GitHub writes, and becomes the release in a later step', async () => {
  expect((await publish({ draft: true })).stdout).toContain('drafted v1.4.0')
  expect((await publish({ draft: true })).stdout).toContain('was drafted already')
  expect(api.repository.releases).toMatchObject([{ draft: true, body: "## What's Changed" }])
  expect((await publish()).stdout).toContain('published v1.4.0')
  expect((await publish({ draft: true })).stderr).toContain('v1.4.0 is published, and no draft any more')
  expect(api.repository.releases).toMatchObject([{ draft: false }])
})

test('a pre-release becomes the release in place, and a token that may only read is said', async () => {
  await publish({ prerelease: true })
  expect((await publish()).stdout).toContain('changed v1.4.0')
  expect(api.repository.releases).toMatchObject([{ prerelease: false }])
  api.readOnly()
  expect((await publish({ notes: 'Other' })).stderr).toContain('GitHub refuses: Resource not accessible')
})

test('a release stays a draft until its files are up; one that broke off goes on, and its remains are put again', async () => {
  for (const name of ['a.txt', 'b.txt']) writeFileSync(join(folder, name), `content of ${name}`)
  const assets = ['*.txt']
  api.repository.breaksUploads = 1
  expect((await publish({ assets })).stderr).toContain('GitHub has an outage')
  expect(api.repository.releases).toMatchObject([{ draft: true, assets: [{ name: 'a.txt', state: 'starter' }] }])
  const before = api.asked.length
  expect((await publish({ assets })).stdout).toContain('published v1.4.0 with a.txt, b.txt')
  const sent = api.asked.slice(before).filter((line) => !line.startsWith('GET '))
  expect(sent).toEqual([
    'DELETE /repos/acme/shop/releases/assets/1 204',
    'POST /uploads/repos/acme/shop/releases/1/assets?name=b.txt 201',
    'POST /uploads/repos/acme/shop/releases/1/assets?name=a.txt 201',
    'PATCH /repos/acme/shop/releases/1 200',
  ])
  expect(api.repository.releases).toMatchObject([{ draft: false, assets: [{ name: 'b.txt' }, { state: 'uploaded' }] }])
})

test('a published file is never put again with another content, a new one is added, and one that is fixed is said', async () => {
  writeFileSync(join(folder, 'a.txt'), 'first')
  await publish({ assets: ['a.txt'] })
  writeFileSync(join(folder, 'b.txt'), 'second')
  expect((await publish({ assets: ['a.txt', 'b.txt'] })).stdout).toContain('changed v1.4.0')
  expect((await publish({ assets: ['a.txt', 'b.txt'] })).stdout).toContain('was published already')
  writeFileSync(join(folder, 'a.txt'), 'other')
  expect((await publish({ assets: ['a.txt'] })).stderr).toContain('v1.4.0 is published with another a.txt')
  writeFileSync(join(folder, 'c d.txt'), 'third')
  expect((await publish({ assets: ['c d.txt'] })).stderr).toContain('c d.txt: GitHub takes letters, digits')
  Object.assign(api.repository.releases[0] as object, { immutable: true })
  writeFileSync(join(folder, 'e.txt'), 'fifth')
  expect((await publish({ assets: ['e.txt'] })).stderr).toContain('immutable release')
  expect(api.repository.releases[0]?.assets).toHaveLength(2)
})

test('an older server tells sizes alone: files are put, and whether they are the same later cannot be told', async () => {
  api.repository.tellsDigests = false
  writeFileSync(join(folder, 'a.txt'), 'first')
  expect((await publish({ assets: ['a.txt'] })).exitCode).toBe(0)
  expect((await publish({ assets: ['a.txt'] })).stderr).toContain('tells no digest of a.txt')
  expect((await publish({ assets: ['a.txt'] }, 'probe')).exitCode).toBe(2)
})
