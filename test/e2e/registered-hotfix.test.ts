/** A hotfix with a checklist that a server has registered: its tag is looked for where the command is typed. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const checklist = '---\nholdpoint: 1\nservice: checkout\n---\n# R\n\n## Before\n- [ ] Somebody read the changes\n'
let server: TeamServer

beforeAll(async () => {
  server = await startTeamServer()
  const signIn = ['--person', 'ana', '--organisation', 'acme', '--project', 'shop']
  const signedIn = await server.holdpoint(
    server.person('ana'),
    ['login', server.setupLink, ...signIn],
    'a password of some length\n',
  )
  expect(signedIn.code).toBe(0)
}, 60_000)
afterAll(() => server?.end())

test('a hotfix of a registered checklist is derived from a tag of the repository that one stands in', async () => {
  const ana = server.person('ana')
  const repository = join(server.folder, 'shop')
  const bare = join(server.folder, 'elsewhere')
  mkdirSync(bare)
  mkdirSync(repository)
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', repository, ...args], { stdio: 'pipe' })
  git('init', '--quiet')
  git('config', 'user.email', 'ana@example.com')
  git('config', 'user.name', 'Ana')
  writeFileSync(join(repository, 'RELEASE.md'), checklist)
  git('add', '--all')
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'first')
  git('tag', '--no-sign', 'v1.4.2')
  const registered = await server.holdpoint(ana, [
    'checklist',
    'register',
    'shop/release',
    join(repository, 'RELEASE.md'),
  ])
  expect(registered.code).toBe(0)

  const hotfix = ['run', '--checklist', 'shop/release', '--hotfix-of', 'v1.4.2', '--wait', '1s']
  const lost = await server.holdpoint(ana, hotfix, '', {}, bare)
  expect(lost.err).toContain(`${bare} lies in no git repository`)
  const begun = await server.holdpoint(ana, hotfix, '', {}, repository)
  expect(begun.err).toContain('hotfix v1.4.3, from the tag v1.4.2')
  expect(begun.out + begun.err).toContain('Somebody read the changes')
})
