/** A drill that the server starts when it is due, by two replicas over one real PostgreSQL: it runs once, and opens the gate that waits for it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresCluster, postgresPrograms, startCluster } from '../support/postgres.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const MINUTE = 60_000
const programs = postgresPrograms()

/** Due at the next minute that lies at least ten seconds ahead. */
function checklist(port: number): string {
  const at = new Date(Math.ceil((Date.now() + 10_000) / MINUTE) * MINUTE).toISOString().slice(11, 16)
  return `---
holdpoint: 1
service: shop
environments: { staging: {}, production: { protected: true } }
schedule: { every: "day ${at}", due-within: 1h, record: restore-test, start: { drill: restore-drill } }
---
# Shop
- [ ] A restore was tested
  \`\`\`yaml record
  name: restore-test
  max-age: 1d
  \`\`\`

## Restore drill
\`\`\`yaml phase
kind: drill
environment: staging
\`\`\`
- [ ] The dump restores
  \`\`\`yaml check
  kind: tcp
  host: 127.0.0.1
  port: ${port}
  record: restore-test
  \`\`\`
`
}

describe.skipIf(programs === null)('a drill with a schedule that starts it', () => {
  let database: PostgresCluster
  let replicas: readonly TeamServer[] = []
  let ana = ''
  let release = ''
  const by = (...args: string[]) => replicas[0]!.holdpoint(ana, args, '', { COLUMNS: '200' })
  const releases = async () =>
    JSON.parse((await by('release', 'list', '--json')).out) as { id: string; version: string; phase: string }[]

  beforeAll(async () => {
    database = await startCluster(programs ?? '')
    const url = database.url('holdpoint')
    const first = await startTeamServer(['--database', url])
    replicas = [first, await startTeamServer(['--database', url])]
    const root = first.person('root')
    const set = ['login', first.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
    expect((await first.holdpoint(root, set, `${PASSWORD}\n`)).code).toBe(0)
    const added = await first.holdpoint(root, ['people', 'add', 'ana', '--at', 'acme/shop'])
    ana = first.person('ana')
    const link = /holdpoint login '([^']+)'/.exec(added.out)?.[1] ?? ''
    expect((await first.holdpoint(ana, ['login', link], `${PASSWORD}\n`)).code).toBe(0)
    for (const role of ['release-engineer', 'author'])
      expect((await first.holdpoint(root, ['people', 'grant', 'ana', role, '--at', 'acme/shop'])).code).toBe(0)
  }, 120_000)

  afterAll(async () => {
    for (const each of replicas) await each.end()
    await database?.dispose()
  }, 60_000)

  test('runs once when its time has come, and its record opens the gate of the release that waits', async () => {
    const file = join(replicas[0]!.folder, 'release.md')
    writeFileSync(file, checklist(database.port))
    const registered = await by('checklist', 'register', 'shop/release', file)
    expect([registered.code, registered.err]).toEqual([0, registered.err])
    const started = await by('run', '--checklist', 'shop/release', '--version', '1.0', '--env', 'staging', '--json')
    release = /"release": ?"([^"]+)"/.exec(started.out)?.[1] ?? ''
    expect([release === '', started.err]).toEqual([false, started.err])
    const phase = async () => (await releases()).find(({ id }) => id === release)?.phase
    await expect.poll(phase, { timeout: 2 * MINUTE, interval: 1_000 }).toBe('closed')
    const drills = (await releases()).filter(({ id }) => id !== release)
    expect(drills).toMatchObject([{ version: new Date().toISOString().slice(0, 10) }])
    const shown = JSON.parse((await by('release', 'show', drills[0]!.id, '--json')).out) as { facts: object }
    expect(shown.facts).toMatchObject({ drill: 'Restore drill', rehearsal: false, environment: 'staging' })
    expect((await by('schedule', 'list')).out).toMatch(/shop\/release +\S+ \S+ UTC +done/)
  }, 180_000)

  test('is started by a person as well, and by name alone, but in no protected environment that it does not name', async () => {
    const run = await by('schedule', 'run', 'shop/release')
    expect([run.code, run.out + run.err]).toEqual([0, expect.stringContaining('shop/release is started as shop-')])
    const wrong = await by('run', '--checklist', 'shop/release', '--drill', 'restore-drill', '--env', 'production')
    expect(wrong.err).toContain('The drill "Restore drill" is of staging, not of production')
    const drill = await by('run', '--checklist', 'shop/release', '--drill', 'Restore drill', '--until', 'closed')
    expect([drill.code, drill.out]).toEqual([0, expect.stringContaining('Drill done: Restore drill')])
    await expect
      .poll(async () => (await releases()).map((each) => each.phase), { timeout: MINUTE })
      .toEqual(['closed', 'closed', 'closed', 'closed'])
    const gate = await by('gate', (await releases())[0]!.id, 'restore-drill/the-dump-restores')
    expect([gate.code, gate.out + gate.err]).toEqual([1, expect.stringContaining('This is a drill')])
  }, 120_000)
})
