import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'
import { repository, type Repository } from './parts/repository.fixture.ts'

let world: Repository
beforeEach(() => {
  world = repository()
})
afterEach(() => world.end())

const tag = (config: Readonly<Record<string, string | boolean>>): Promise<ActionEnd> =>
  runActionProcess('git-tag', 'run', { tag: 'v1.4.0', ...config }, { cwd: world.here, env: world.env })

test('the tag is annotated with who, when and what, and names the commit that is given', async () => {
  const first = world.git('rev-parse', 'HEAD')
  world.commit('later.ts', 'x\n')
  const ended = await tag({ commit: first, message: 'Release 1.4.0' })
  expect(ended).toMatchObject({ exitCode: 0, captured: { tag_commit: first } })
  expect(ended.stdout).toBe(`tagged ${first.slice(0, 10)} as v1.4.0\n`)
  expect(world.git('cat-file', '-t', 'v1.4.0')).toBe('tag')
  expect(world.git('for-each-ref', '--format=%(contents:subject) %(taggername)', 'refs/tags')).toBe('Release 1.4.0 Ana')
})

test('of all tags only this one is pushed, and no branch', async () => {
  world.git('tag', 'private')
  world.commit('later.ts', 'x\n')
  const before = world.git('ls-remote', 'origin', 'refs/heads/*')
  expect((await tag({ push: 'origin' })).stdout).toMatch(/pushed to origin$/m)
  expect(world.git('ls-remote', '--tags', '--refs', 'origin')).toMatch(/^\w+\trefs\/tags\/v1\.4\.0$/)
  expect(world.git('ls-remote', 'origin', 'refs/heads/*')).toBe(before)
})

test('a tag that names something else is never moved, neither here nor at the remote', async () => {
  world.git('tag', 'v1.4.0')
  world.commit('later.ts', 'x\n')
  expect((await tag({})).stderr).toContain('a tag is not moved')
  world.git('push', '--quiet', 'origin', 'v1.4.0')
  world.git('tag', '--delete', 'v1.4.0')
  const ended = await tag({ push: 'origin' })
  expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('origin has the tag v1.4.0 at') })
})
