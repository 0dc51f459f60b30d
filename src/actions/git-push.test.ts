import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'
import { repository, type Repository } from './parts/repository.fixture.ts'

let world: Repository
beforeEach(() => {
  world = repository()
})
afterEach(() => world.end())

const push = (config: Readonly<Record<string, string>>, mode: 'run' | 'ask' = 'run'): Promise<ActionEnd> =>
  runActionProcess('git-push', mode, config, { cwd: world.here, env: world.env })

test('a branch goes forward, and never back or aside', async () => {
  const first = world.git('rev-parse', 'HEAD')
  const second = world.commit('later.ts', 'x\n')
  expect(await push({ branch: 'main' })).toMatchObject({ exitCode: 0, captured: { pushed_commit: second } })
  expect((await push({ branch: 'main' })).stdout).toContain('has main already')
  expect((await push({ branch: 'main', commit: first })).stderr).toContain('does not go forward')
  world.git('reset', '--quiet', '--hard', first)
  world.commit('aside.ts', 'y\n')
  expect((await push({ branch: 'main' })).stderr).toContain('does not go forward')
  expect(world.git('ls-remote', 'origin', 'refs/heads/main')).toContain(second)
})

test('one tag goes there and no other, and what is there is not moved', async () => {
  world.git('tag', '--annotate', '--message', 'x', 'v1')
  world.git('tag', 'v2')
  expect((await push({ tag: 'v1' })).exitCode).toBe(0)
  expect(world.git('ls-remote', '--tags', 'origin')).not.toContain('v2')
  world.commit('later.ts', 'x\n')
  world.git('tag', '--force', '--annotate', '--message', 'x', 'v1')
  expect((await push({ tag: 'v1' })).stderr).toContain('a tag is not moved')
  expect((await push({ tag: 'v9' })).stderr).toContain('there is no tag v9')
})

test('whether a remote lets in is asked without sending anything', async () => {
  const before = world.git('ls-remote', 'origin')
  expect(await push({ branch: 'main' }, 'ask')).toMatchObject({ exitCode: 0, stdout: 'origin lets in\n' })
  expect(world.git('ls-remote', 'origin')).toBe(before)
  expect(await push({ branch: 'main', remote: 'gone' }, 'ask')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("'gone' does not appear to be a git repository"),
  })
})
