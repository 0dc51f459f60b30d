/** A server's people, rights, tokens and checklists from the command line: the real binary against a real server process. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const LIST = '---\nholdpoint: 1\nservice: checkout\n---\n# Checkout\n## Gate\n- [ ] Ready\n'

let server: TeamServer
let adminHome = ''

beforeAll(async () => {
  server = await startTeamServer()
  adminHome = server.person('root')
  const set = await server.holdpoint(
    adminHome,
    ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop'],
    `${PASSWORD}\n`,
  )
  expect(set.err).toBe('')
  expect(set.code).toBe(0)
})
afterAll(() => server?.end())

const admin = (line: string, stdin?: string) => server.holdpoint(adminHome, words(line), stdin)

test('an administrator adds a person, who comes in by the link and is seen in a table of 80 columns', async () => {
  const added = await admin("people add ana --name 'Ana Diaz' --email ana@example.com --at acme/shop")
  expect(added.err).toBe('')
  const link = /holdpoint login '([^']+)'/.exec(added.out)?.[1] ?? ''
  expect(link.startsWith(`${server.address}/welcome#hpi_`)).toBe(true)

  const home = server.person('ana')
  const login = await server.holdpoint(home, ['login', link], `a different ${PASSWORD}\n`)
  expect(login.code).toBe(0)
  expect((await server.holdpoint(home, ['login', link], `a different ${PASSWORD}\n`)).err).toContain(
    'not valid any more',
  )
  expect((await server.holdpoint(home, ['whoami'])).out).toContain('ana (Ana Diaz) at')

  expect((await admin('people grant ana approver --at acme/shop')).code).toBe(0)
  const people = await admin('people list')
  expect(people.out).toMatch(/^ana +Ana Diaz +viewer +acme\/shop +hand$/m)
  expect(people.out).toMatch(/^ +approver +acme\/shop +hand$/m)
  for (const line of people.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  const json = JSON.parse((await admin('people list --json')).out) as { people: readonly { id: string }[] }
  expect(json.people.map(({ id }) => id)).toEqual(['root', 'ana'])
})

test('who may not manage people is refused, and told which right it takes', async () => {
  const refused = await server.holdpoint(server.person('ana'), words('people grant ana administrator --at acme'))
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('people.manage')
})

test('a disabled person is out at once, and in again when enabled', async () => {
  const ana = server.person('ana')
  expect((await admin("people disable ana --reason 'on leave'")).code).toBe(0)
  const out = await server.holdpoint(ana, ['whoami'])
  expect(out.code).toBe(1)
  expect(out.err).toContain(`sign in again: holdpoint login ${server.address}`)
  expect((await admin('people list')).out).toContain('Ana Diaz (disabled)')
  expect((await admin("people enable ana --reason 'back'")).code).toBe(0)
  const login = await server.holdpoint(ana, ['login', server.address, '--person', 'ana'], `a different ${PASSWORD}\n`)
  expect(login.code).toBe(0)
})

test('a new password ends every other sign-in and keeps this one', async () => {
  const [here, there] = [server.person('ana'), server.person('ana-elsewhere')]
  const login = ['login', server.address, '--person', 'ana']
  expect((await server.holdpoint(there, login, `a different ${PASSWORD}\n`)).code).toBe(0)
  const changed = await server.holdpoint(here, ['password'], `a different ${PASSWORD}\nanother ${PASSWORD}\n`)
  expect(changed.err).toBe('')
  expect((await server.holdpoint(here, ['whoami'])).code).toBe(0)
  expect((await server.holdpoint(there, ['whoami'])).code).toBe(1)
})

test('a token is shown once, works where it is scoped to, and nowhere once it is revoked', async () => {
  expect((await admin('machine add build-1 --role pipeline --at acme/shop')).code).toBe(0)
  const issued = await admin(
    'token issue build-1 --expires 30d --environment staging --right release.read --label linux',
  )
  expect(issued.err).toBe('')
  const secret = issued.out.split('\n')[0] ?? ''
  expect(secret).toMatch(/^hpt_/)
  const asMachine = () =>
    server.holdpoint(server.person('pipeline'), ['whoami', '--json'], undefined, {
      HOLDPOINT_SERVER: server.address,
      HOLDPOINT_TOKEN: secret,
    })
  expect(JSON.parse((await asMachine()).out)).toMatchObject({
    id: 'build-1',
    kind: 'machine',
    scope: { place: { environment: 'staging' }, rights: ['release.read'], labels: ['linux'] },
  })
  const listed = await admin('token list')
  expect(listed.out).toContain('*/*/staging')
  expect(listed.out).not.toContain(secret)
  const id = /^([0-9a-f]{12}) +build-1/m.exec(listed.out)?.[1] ?? ''
  expect((await admin(`token revoke ${id} --reason 'it was in a log'`)).code).toBe(0)
  const revoked = await asMachine()
  expect(revoked.err).toContain('revoked')
  expect(revoked.err).toContain('HOLDPOINT_TOKEN was used')
  expect(revoked.err).not.toContain('holdpoint login')
  const forever = await admin('token issue build-1 --expires 800d')
  expect(forever.code).toBe(2)
  expect(forever.err).toContain('--expires 30d')
})

test('roles of the team, organisations, projects and environments are made and listed', async () => {
  expect((await admin("role define qa-lead --about 'leads the tests'")).code).toBe(0)
  expect((await admin('people grant ana qa-lead --at acme/shop')).code).toBe(0)
  expect((await admin('organisation create globex')).code).toBe(0)
  expect((await admin('project create web --organisation globex --service site')).code).toBe(0)
  expect((await admin('project environment shop production --protected')).code).toBe(0)
  const projects = await admin('project list')
  expect(projects.out).toMatch(/^web +globex +site$/m)
  expect(projects.out).toContain('production (protected)')
})

test('wrong words are refused with one correct example', async () => {
  const noPlace = await admin('people grant ana approver')
  expect(noPlace.code).toBe(2)
  expect(noPlace.err).toContain('for example: holdpoint people grant ana approver --at acme/shop/production')
  const badPlace = await admin('people grant ana approver --at acme//production')
  expect(badPlace.err).toContain('--at acme/shop/production')
  const nobody = await admin('people grant nobody approver --at acme')
  expect(nobody.code).toBe(2)
  expect(nobody.err).toContain('There is no person or machine "nobody"')
  const unknown = await admin('people grant ana emperor --at acme')
  expect(unknown.err).toContain('There is no role "emperor"; there are viewer')
})

test('a new service starts in the project that is named', async () => {
  const file = join(server.folder, 'payments.md')
  writeFileSync(file, LIST.replace('service: checkout', 'service: payments'))
  const start = await admin(`run ${file} --version 1 --project shop --yes`)
  expect(start.err).not.toContain('belongs to no project')
  expect(start.code).toBe(3)
  expect((await admin('project list')).out).toContain('payments')
})

test('a checklist from git is pinned to its commit; a moved tag or changed bytes are refused with what moved', async () => {
  const repository = join(server.folder, 'shop.git')
  mkdirSync(repository)
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    }).trim()
  const commitList = (text: string) => {
    writeFileSync(join(repository, 'RELEASE.md'), text)
    git('add', '.')
    git('commit', '-q', '-m', 'list')
    return git('rev-parse', 'HEAD')
  }
  git('init', '-q', '-b', 'main')
  const first = commitList(LIST)
  git('tag', 'v1')

  const registered = await admin(`checklist register shop/release --git ${repository} --ref v1`)
  expect(registered.err).toBe('')
  expect(registered.out).toContain(first)
  expect((await admin('checklist list')).out).toMatch(/^shop\/release +checkout +v1 /m)
  const started = await admin('run --checklist shop/release --version 1 --yes --json')
  expect(started.code).toBe(3)

  writeFileSync(join(repository, 'OTHER.md'), 'nothing of the list\n')
  const second = commitList(LIST)
  git('tag', '-f', 'v1')
  const moved = await admin('run --checklist shop/release --version 2 --env staging --yes')
  expect(moved.code).toBe(1)
  expect(moved.err).toContain('a tag has moved')
  expect(moved.err).toContain(first.slice(0, 12))
  expect(moved.err).toContain(second.slice(0, 12))
  const pinned = await admin('run --checklist shop/release --registered --version 2 --env staging --yes')
  expect(pinned.code).toBe(3)

  expect((await admin(`checklist register shop/branch --git ${repository} --ref main`)).code).toBe(0)
  commitList(`${LIST}- [ ] One more\n`)
  const changed = await admin('run --checklist shop/branch --version 3 --env qa --yes')
  expect(changed.code).toBe(1)
  expect(changed.err).toContain('RELEASE.md differs')
  expect((await admin("checklist retire shop/branch --reason 'one list'")).code).toBe(0)
})

test('who may start, and no more, starts what is registered; other bytes are refused with what there is', async () => {
  expect((await admin('machine add ci --role pipeline --at acme/shop')).code).toBe(0)
  const secret = (await admin('token issue ci --expires 1d')).out.split('\n')[0] ?? ''
  const asPipeline = (line: string) =>
    server.holdpoint(server.person('ci'), words(line), undefined, {
      HOLDPOINT_SERVER: server.address,
      HOLDPOINT_TOKEN: secret,
    })
  const file = join(server.folder, 'changed.md')
  writeFileSync(file, `${LIST}- [ ] Slipped in\n`)
  const refused = await asPipeline(`run ${file} --version 9 --env ci`)
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('differs from what shop has registered (shop/release)')
  expect(refused.err).toContain('holdpoint run --checklist shop/release')
  expect((await asPipeline('run --checklist shop/release --registered --version 9 --env ci')).code).toBe(3)
})

test('addresses that git would run, and references that are options, are refused', async () => {
  const ran = join(server.folder, 'ran')
  const evil = await server.holdpoint(adminHome, [
    ...words('checklist register shop/evil --ref main --git'),
    `ext::sh -c "touch ${ran}"`,
  ])
  expect(evil.code).toBe(2)
  expect(() => readFileSync(ran)).toThrow('ENOENT')
  const option = await server.holdpoint(adminHome, [
    ...words('checklist register shop/evil --git file:///nowhere --ref'),
    '--upload-pack=touch',
  ])
  expect(option.code).toBe(2)
  const password = await admin('checklist register shop/evil --ref main --git https://ana:secret@git.example.com/x.git')
  expect(password.err).toContain('holds a password')
})

test('the audit tells who came in and who was turned away, and rights have their own log', async () => {
  const audit = await admin('audit')
  expect(audit.out).toMatch(/ana +SignedIn/)
  expect(audit.out).toMatch(/RequestRefused +code=forbidden/)
  expect((await admin('audit --rights')).out).toMatch(/root +RoleGranted/)
  expect((await server.holdpoint(server.person('ana'), ['audit'])).code).toBe(1)
})

test('the owner of the socket administers without a sign-in', async () => {
  const local = await server.atSocket(words("people add bo --name 'Bo' --at acme"))
  expect(local.err).toBe('')
  expect(local.out).toContain(`${server.address}/welcome#hpi_`)
  expect((await server.atSocket(['whoami'])).out).toContain('nothing is proven here')
})

/** Words of a line as a shell has them; single quotes keep blanks. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((found) => found[1] ?? found[2] ?? '')
}
