/** A schema that is frozen once its migration is approved: a real repository, the real engine, the gate that shuts and the waiver that opens it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PersonCommand } from '../../src/core/release/commands.ts'
import type { Actor } from '../../src/core/release/events.ts'
import { openRealEngine, type RealEngine, type RealRelease } from '../support/real-engine.ts'

const ben: Actor = { id: 'ben', kind: 'person', assurance: 'claimed' }
const root = mkdtempSync(join(tmpdir(), 'hp-freeze-'))
const checklist = `---
holdpoint: 1
service: shop
environments: { staging: {} }
roles: { dba: [ben], dev: [ben] }
---
# Shop

- [ ] The migration window is approved
  \`\`\`yaml approve
  roles: dba
  \`\`\`
- [ ] The schema is frozen
  \`\`\`yaml check max-age=0s capture=schema_commit
  kind: freeze
  files: ["migrations/**"]
  override: dba
  \`\`\`
- [ ] The last look before it
- [ ] Migrated
  \`\`\`sh run irreversible="there is no way back"
  true
  \`\`\`
`

function git(...args: readonly string[]): void {
  const identity = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'init.defaultBranch=main']
  execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'pipe' })
}

function commit(file: string): void {
  mkdirSync(join(root, 'migrations'), { recursive: true })
  writeFileSync(join(root, file), `-- ${file}\n`)
  git('add', '--all')
  git('commit', '--quiet', '--message', file)
}

let engine: RealEngine
let at: RealRelease
beforeAll(async () => {
  git('init', '--quiet')
  writeFileSync(join(root, 'RELEASE.md'), checklist)
  commit('migrations/001.sql')
  engine = await openRealEngine()
  at = await engine.start({
    root,
    text: checklist,
    version: '1.0.0',
    previous: null,
    environment: 'staging',
    inputs: {},
    people: [],
  })
}, 60_000)
afterAll(async () => {
  await engine.stop()
  rmSync(root, { recursive: true, force: true })
}, 60_000)

const idOf = (end: string): string => {
  const found = [...new Set(at.events.flatMap((event) => ('step' in event && event.step ? [event.step] : [])))]
  return found.find((id) => id.endsWith(end)) ?? end
}

async function ask(command: Exclude<PersonCommand, { kind: 'StartRelease' }>): Promise<void> {
  const answer = await engine.app.engine.ask(at.id, command, ben, null)
  if (answer.kind === 'refused') throw new Error(`${answer.code}: ${answer.reason}`)
}

test('a schema file changed after the approval is found at the next decision, and only a waiver with role and reason goes on', async () => {
  // Before the approval the schema may still move.
  commit('migrations/002.sql')
  const approve = idOf('the-migration-window-is-approved')
  await ask({ kind: 'Approve', step: approve, role: 'dba', digest: null, typed: null, note: null })
  const frozen = await at.until('the schema is frozen', (state) => state.captures.has('schema_commit'))
  expect(frozen.captures.get('schema_commit')).toMatch(/^[0-9a-f]{40}$/)
  const freeze = [...frozen.steps.values()].find(({ id }) => id.endsWith('the-schema-is-frozen'))!.id
  await at.until('the question is asked', (state) =>
    [...state.steps.values()].some(({ id, reachedAt }) => id.endsWith('the-last-look-before-it') && reachedAt !== null),
  )

  commit('migrations/003_late.sql')
  await ask({
    kind: 'Answer',
    step: idOf('the-last-look-before-it'),
    answer: 'passed',
    note: null,
    fields: {},
    evidence: [],
  })
  const shut = await at.until(
    'the freeze is looked at again',
    (state) => state.steps.get(freeze)?.attempts.at(-1)?.outcome === 'failed',
  )
  expect(shut.steps.get(freeze)?.attempts.at(-1)?.say).toMatch(
    /^frozen, and changed since they were frozen \([0-9a-f]{10}\): migrations\/003_late\.sql by Ana in [0-9a-f]+$/,
  )
  expect(at.events.some((event) => event.kind === 'AttemptStarted' && event.purpose === 'action')).toBe(false)

  const reason = 'an index only, agreed with ana'
  await expect(ask({ kind: 'Waive', step: freeze, role: 'dev', reason, expires: null })).rejects.toThrow(
    'not-in-role: Only the role dba may let this go on.',
  )
  const eve: Actor = { ...ben, id: 'eve' }
  const leftOut = { kind: 'MarkNotApplicable', step: freeze, reason, role: 'dba' } as const
  expect(await engine.app.engine.ask(at.id, leftOut, eve, null)).toMatchObject({ code: 'not-in-role' })
  await ask({ kind: 'Waive', step: freeze, role: 'dba', reason: 'an index only, agreed with ana', expires: null })
  const done = await at.until('it went on', (state) => state.endedAt !== null)
  expect(done.phase).toBe('closed')
  expect(done.steps.get(freeze)?.waiver).toMatchObject({ by: 'ben', role: 'dba' })
}, 120_000)
