/** The freeze of files against real repositories: what moved, who moved it, and what is no change. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { testKinds } from '../core/plan/test-kinds.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { freeze } from './freeze.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

const base = mkdtempSync(join(tmpdir(), 'holdpoint-freeze-'))
const here = join(base, 'here')
afterAll(() => rmSync(base, { recursive: true, force: true }))

function run(args: readonly string[], at?: string): string {
  const identity = ['-c', 'user.name=Ana Müller', '-c', 'user.email=ana@example.com', '-c', 'init.defaultBranch=main']
  const env = at === undefined ? process.env : { ...process.env, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at }
  return execFileSync('git', [...identity, ...args], { cwd: here, encoding: 'utf8', stdio: 'pipe', env }).trim()
}

function put(file: string, text: string): void {
  mkdirSync(join(here, file, '..'), { recursive: true })
  writeFileSync(join(here, file), text)
}

function commit(file: string, text: string, at?: string): string {
  put(file, text)
  run(['add', '--all'])
  run(['commit', '--quiet', '--message', file], at)
  return run(['rev-parse', 'HEAD'])
}

const files = ['migrations/**', 'schema.prisma']
const check = (config: object = {}, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(freeze as never, { cwd: here, files, ...config }, powers)
/** As a release runs it: the name under which the first pass keeps the commit is declared on the block. */
const kept = (commitKept?: string) =>
  check({}, { captures: ['schema_commit'], variables: commitKept === undefined ? {} : { schema_commit: commitKept } })

beforeAll(() => mkdirSync(here))
beforeEach(() => {
  rmSync(here, { recursive: true })
  mkdirSync(here)
  run(['init', '--quiet'])
  commit('migrations/001_users.sql', 'create table users ();\n')
  commit('src/shop.ts', 'let a = 1\n')
})

test('the first pass keeps the commit; a change of other files afterwards is no change of the schema', async () => {
  const head = run(['rev-parse', 'HEAD'])
  expect(await kept()).toMatchObject({ outcome: 'passed', captures: { schema_commit: head } })
  commit('src/shop.ts', 'let a = 2\n')
  put('notes.md', 'not committed')
  const again = await kept(head)
  expect(again).toMatchObject({ outcome: 'passed', captures: {} })
  expect(again.say).toContain(`as they were at ${head.slice(0, 10)}`)
})

test('a schema file committed after the approval shuts the gate and names file, author and commit', async () => {
  const head = run(['rev-parse', 'HEAD'])
  commit('packages/db/schema.prisma', 'model User {}\n')
  const late = commit('migrations/002_orders ä.sql', 'create table orders ();\n')
  const result = await kept(head)
  expect(result).toMatchObject({
    outcome: 'failed',
    facts: { since: head, commit: late, changed: ['migrations/002_orders ä.sql', 'packages/db/schema.prisma'] },
  })
  expect(result.say).toContain(`migrations/002_orders ä.sql by Ana Müller in ${run(['rev-parse', '--short', late])}`)
  expect(result.captures).toBeUndefined()
  expect(evidenceText(result)).toContain('packages/db/schema.prisma')
})

test('a change that is not committed counts, staged or new or deleted', async () => {
  const head = run(['rev-parse', 'HEAD'])
  put('migrations/003_late.sql', 'x')
  expect((await kept(head)).say).toBe('frozen, and changed without a commit: migrations/003_late.sql')
  run(['add', '--all'])
  expect((await kept(head)).outcome).toBe('failed')
  run(['reset', '--quiet', '--hard'])
  rmSync(join(here, 'migrations/001_users.sql'))
  expect(await kept(head)).toMatchObject({ outcome: 'failed', facts: { uncommitted: ['migrations/001_users.sql'] } })
  run(['checkout', '--quiet', '.'])
  expect((await kept(head)).outcome).toBe('passed')
})

test('a pattern that no file matches freezes nothing, and is told beside one that does', async () => {
  const since = run(['rev-parse', 'HEAD'])
  expect(await check({ since, files: ['migratons/**'] })).toMatchObject({
    outcome: 'inconclusive',
    say: 'no file of the repository matches migratons/**: nothing is frozen',
  })
  expect((await check({ since })).say).toMatch(/as they were at \w+; no file of the repository matches schema\.prisma$/)
})

test('a change that was taken back leaves the schema as it was', async () => {
  const head = run(['rev-parse', 'HEAD'])
  commit('migrations/001_users.sql', 'drop table users;\n')
  expect((await kept(head)).outcome).toBe('failed')
  run(['revert', '--no-edit', 'HEAD'])
  expect((await kept(head)).outcome).toBe('passed')
})

test('what came from an older branch by a merge is a change, though its commits are older', async () => {
  run(['checkout', '--quiet', '-b', 'other'])
  commit('migrations/002_old.sql', 'x', '2020-01-01T00:00:00Z')
  run(['checkout', '--quiet', 'main'])
  const head = run(['rev-parse', 'HEAD'])
  run(['merge', '--quiet', '--ff-only', 'other'])
  expect((await kept(head)).say).toContain('migrations/002_old.sql')
})

test('without a name to keep it under, the commit of the release counts', async () => {
  const head = run(['rev-parse', 'HEAD'])
  commit('migrations/002.sql', 'x')
  expect((await check({}, { variables: { commit: head } })).say).toContain('changed since the release was started')
  expect((await check({ since: '{{ commit }}' }, { variables: { commit: head } })).outcome).toBe('failed')
  expect((await check()).say).toContain('this release knows no commit')
  expect((await check({ since: '{{ x }}' }, { variables: { x: '--all' } })).outcome).toBe('errored')
})

test('a freeze by the calendar holds from its day to its end, in its zone', async () => {
  commit('migrations/002.sql', 'x', '2026-12-14T22:30:00Z')
  commit('migrations/003.sql', 'x', '2026-12-14T23:30:00Z')
  const at = (now: string, config: object) =>
    check(config, { clock: { now: () => Date.parse(now), sleep: () => Promise.resolve() } })
  const freezing = { from: '2026-12-15', until: '2027-01-04', zone: 'Europe/Berlin' }
  expect((await at('2026-12-14T22:59:59Z', freezing)).say).toBe('the freeze begins 2026-12-15 (Europe/Berlin)')
  const inForce = await at('2026-12-14T23:59:00Z', freezing)
  expect(inForce).toMatchObject({ outcome: 'failed', facts: { changed: ['migrations/003.sql'] } })
  expect(await at('2027-01-03T23:00:00Z', freezing)).toMatchObject({
    outcome: 'passed',
    say: 'the freeze ended 2027-01-04 (Europe/Berlin)',
  })
  expect((await at('2026-12-20T00:00:00Z', { ...freezing, zone: 'UTC' })).outcome).toBe('passed')
})

test('a commit that is not in the repository keeps the gate shut', async () => {
  expect(await kept('a'.repeat(40))).toMatchObject({ outcome: 'errored' })
  rmSync(join(here, '.git'), { recursive: true })
  expect((await kept()).say).toContain('git did not answer')
})

test('settings that mean nothing are refused with what is expected', () => {
  const refused = (config: object) =>
    freeze.config.safeParse({ files, ...config }).error?.issues.map(({ message }) => message)
  expect(refused({ files: [] })).toHaveLength(1)
  expect(refused({ from: '15.12.2026' })).toEqual([
    'expected a day such as 2026-12-15, or a time such as 2026-12-15T09:00Z',
  ])
  expect(refused({ from: '2026-12-15', since: 'v1' })).toEqual([
    'expected since or from, not both: one commit is compared with',
  ])
  expect(refused({ from: '2026-12-15', until: '2026-12-15' })).toEqual(['expected until after from'])
  expect(refused({ zone: 'Berlin' })).toHaveLength(1)
  expect(refused({ files: [':(exclude)x'] })).toHaveLength(1)
})

test('whatever is changed under a frozen folder is found, and nothing else is', async () => {
  const head = run(['rev-parse', 'HEAD'])
  const name = fc.constantFrom('a.sql', 'b c.sql', '-x.sql', 'ünï.sql', "it's.sql", '[1].sql', 'a*b.sql')
  const folder = fc.constantFrom('migrations', 'migrations/deep/er', 'other', 'migrations2')
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(folder, name), { maxLength: 4, selector: String }),
      fc.boolean(),
      async (paths, isDirty) => {
        run(['reset', '--quiet', '--hard', head])
        run(['clean', '--quiet', '-fd'])
        const written = paths.map(([where, file]) => `${where}/${file}`)
        for (const file of written) {
          put(file, '')
          appendFileSync(join(here, file), 'x')
        }
        if (!isDirty && written.length > 0) {
          run(['add', '--all'])
          run(['commit', '--quiet', '--message', 'x'])
        }
        const expected = written.filter((file) => file.startsWith('migrations/')).toSorted()
        const { outcome, facts } = await kept(head)
        const found = facts?.[isDirty ? 'uncommitted' : 'changed'] as readonly string[]
        expect([outcome, [...found].toSorted()]).toEqual([expected.length === 0 ? 'passed' : 'failed', expected])
      },
    ),
    { numRuns: 10 },
  )
})

test('a role that may let it pass is one of those that the checklist declares', () => {
  const kinds = { ...testKinds, checks: new Map([...testKinds.checks, [freeze.kind, freeze as never]]) }
  const problemsOf = (role: string) => {
    const block = `\`\`\`yaml check\nkind: freeze\nfiles: [schema.prisma]\noverride: ${role}\n\`\`\``
    const text = `---\nholdpoint: 1\nroles: { dba: [dora] }\n---\n# R\n- [ ] The schema is frozen\n${block.replaceAll(/^/gm, '  ')}\n`
    return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, kinds).problems
  }
  expect(problemsOf('dba')).toEqual([])
  expect(problemsOf('dbaa')).toMatchObject([
    { code: 'unknown-role', line: 10, severity: 'error', found: 'unknown role "dbaa"', expected: 'dba' },
  ])
})
