/** A hotfix and what it mends know of each other, in the record of both. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startBody, startExample, world, type World } from './test-support/world.ts'

let at: World

beforeEach(() => {
  at = world()
})
afterEach(() => at.end())

const view = async (id: string) =>
  (await (await at.request('GET', `/v1/releases/${id}`)).json()) as Record<string, unknown>

test('the hotfix names the release and tag that it mends, and that release names the hotfix, after its end too', async () => {
  const release = await startExample(at)
  await at.request('POST', `/v1/releases/${release}/commands`, {
    command: { kind: 'Abort', why: 'broken', leave: false, typed: null },
    seen: null,
  })
  const hotfixOf = { release, tag: 'v1.4.0', commit: 'abcdef1' }
  const started = await at.request('POST', '/v1/releases', startBody(undefined, { version: '1.4.1', hotfixOf }))
  expect(started.status).toBe(201)
  const hotfix = ((await started.json()) as { release: string }).release
  expect(await view(hotfix)).toMatchObject({ facts: { releaseType: 'hotfix', hotfixOf } })
  expect(await view(release)).toMatchObject({ hotfixes: [{ release: hotfix, version: '1.4.1' }] })
  const report = await (await at.request('GET', `/v1/releases/${release}/export?format=html`)).text()
  expect(report).toContain(`Mended by 1.4.1: <code>${hotfix}</code>`)
})

test('a hotfix of a release that is not there is refused before anything begins', async () => {
  const hotfixOf = { release: 'nothing', tag: null, commit: null }
  const refused = await at.request('POST', '/v1/releases', startBody(undefined, { hotfixOf }))
  expect(await refused.json()).toMatchObject({ code: 'unknown-release' })
  expect(await at.engine.open()).toBe(0)
})
