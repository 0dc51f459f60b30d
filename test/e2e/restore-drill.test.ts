/** A stale record keeps a release waiting; a drill restores a real dump; its record opens the gate. On a real server, with real mail. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresCluster, postgresPrograms, startCluster } from '../support/postgres.ts'
import { readMail, type SmtpServer, startSmtpServer } from '../support/smtp-server.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
const HOUR = 3_600_000
const programs = postgresPrograms()

const release = `---
holdpoint: 1
service: shop
environments: { staging: {} }
---
# Shop
- [ ] A restore was tested within the last month
  \`\`\`yaml record
  name: restore-test
  max-age: 30d
  limits: { recovery: "< 10m", data_age: "< 24h" }
  \`\`\`
- [ ] It is shipped
  \`\`\`sh run irreversible="a test"
  true
  \`\`\`
`

describe.skipIf(programs === null)('a restore test that has grown old', () => {
  let server: TeamServer
  let shop: PostgresCluster
  let scratch: PostgresCluster
  let mail: SmtpServer
  let ana = ''
  let id = ''
  const by = (...args: string[]) => server.holdpoint(ana, args, '', { COLUMNS: '200' })

  beforeAll(async () => {
    ;[server, shop, scratch, mail] = await Promise.all([
      startTeamServer(),
      startCluster(programs ?? ''),
      startCluster(programs ?? ''),
      startSmtpServer(),
    ])
    const root = server.person('root')
    const set = ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
    expect((await server.holdpoint(root, set, `${PASSWORD}\n`)).code).toBe(0)
    const added = await server.holdpoint(root, ['people', 'add', 'ana', '--at', 'acme/shop'])
    ana = server.person('ana')
    const link = /holdpoint login '([^']+)'/.exec(added.out)?.[1] ?? ''
    expect((await server.holdpoint(ana, ['login', link], `${PASSWORD}\n`)).code).toBe(0)
    for (const role of ['release-engineer', 'author'])
      expect((await server.holdpoint(root, ['people', 'grant', 'ana', role, '--at', 'acme/shop'])).code).toBe(0)
    await shop.query('create database shop')
    const url = `postgres://holdpoint@127.0.0.1:${shop.port}/shop`
    execFileSync('psql', [
      '-q',
      '-d',
      url,
      '-c',
      'create table orders as select n as id from generate_series(1, 500) n',
    ])
    mkdirSync(join(server.folder, 'dumps'))
    const dump = join(server.folder, 'dumps', 'shop.dump')
    execFileSync('pg_dump', ['-Fc', '-f', dump, url])
    utimesSync(dump, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600)
    writeFileSync(join(server.folder, 'release.md'), release)
    writeFileSync(join(server.folder, 'drill.md'), drillDocument())
  }, 120_000)

  afterAll(async () => {
    mail?.close()
    await Promise.all([server?.end(), shop?.dispose(), scratch?.dispose()])
  }, 60_000)

  /** Its time is within the hour, and its reminder has come two hours before. */
  function drillDocument(): string {
    const at = new Date(Date.now() + HOUR).toISOString().slice(11, 16)
    const post = `smtp://127.0.0.1:${mail.port}`
    return `---
holdpoint: 1
name: Restore drill
service: restore-drill
environments: { staging: {} }
channels: { ops: { kind: email, url: "${post}", starttls: none, from: "hp@example.com", to: [ops@example.com] } }
schedule: { every: "day ${at}", remind: [2h], due-within: 1h, to: ops, record: restore-test }
---
# Restore drill
- [ ] The newest backup restores
  \`\`\`yaml check
  kind: restore-drill
  dumps: ${join(server.folder, 'dumps')}/*.dump
  server: postgres://holdpoint@127.0.0.1:${scratch.port}/postgres
  production: 127.0.0.1:${shop.port}
  tables: { orders: ">= 500" }
  max-recovery: 10m
  max-data-age: 24h
  record: restore-test
  \`\`\`
`
  }

  test('keeps a release waiting, and says why', async () => {
    const old = ['--note', 'restored by hand', '--observed', '40d', '--fact', 'recovery=5m', '--fact', 'data_age=2h']
    expect((await by('records', 'add', 'restore-test', ...old)).code).toBe(0)
    const started = await by('run', join(server.folder, 'release.md'), '--version', '1.0', '--env', 'staging', '--json')
    id = /"release": ?"([^"]+)"/.exec(started.out)?.[1] ?? ''
    expect([id === '', started.err]).toEqual([false, started.err])
    const shown = async () => (await by('release', 'show', id)).out
    await expect.poll(shown, { timeout: 30_000 }).toContain('the newest record is 40 d old, at most 30 d allowed')
    const due = await by('records', 'due', join(server.folder, 'release.md'))
    expect([due.code, due.out]).toEqual([1, expect.stringContaining('✖ due')])
  })

  test('is reminded of by mail, and stands in the list as due', async () => {
    expect((await by('checklist', 'register', 'shop/restore-drill', join(server.folder, 'drill.md'))).code).toBe(0)
    await expect.poll(() => mail.mails.length, { timeout: 60_000 }).toBe(1)
    const { headers, parts } = readMail(mail.mails[0]!.raw)
    expect(JSON.stringify(headers)).toContain('Reminder: Restore drill is due in')
    expect(parts['text/plain']).toContain('a record "restore-test" of shop')
    const due = await by('schedule', 'due')
    expect([due.code, due.out]).toEqual([1, expect.stringMatching(/shop\/restore-drill +\S+ \S+ UTC +due/)])
  })

  test('a drill on the real dump makes the record that opens the gate, and ends the reminders', async () => {
    const drill = await by('run', join(server.folder, 'drill.md'), '--version', '2026-q4', '--env', 'staging', '--json')
    expect(drill.err).not.toContain('error')
    await expect
      .poll(async () => (await by('records', 'list', 'restore-test')).out, { timeout: 60_000 })
      .toMatch(/in staging by ana, took .*: shop\.dump restored and verified in/)
    const phase = async () => (JSON.parse((await by('release', 'show', id, '--json')).out) as { phase: string }).phase
    await expect.poll(phase, { timeout: 60_000 }).toBe('closed')
    const [made] = JSON.parse((await by('records', 'list', 'restore-test', '--json')).out) as {
      facts: Record<string, number>
      evidence: string[]
    }[]
    expect(made?.facts['recovery']).toBeGreaterThan(0)
    expect(made?.facts['data_age']).toBeGreaterThan(3_590)
    expect(made?.evidence.length).toBe(1)
    const trend = (await by('records', 'list', 'restore-test')).out
    expect(trend).toMatch(/recovery +\S+ +last .*, usually .* to 5m/)
    const left = await by('schedule', 'due')
    expect([left.code, left.err]).toEqual([0, expect.stringContaining('nothing is due')])
    expect((await by('schedule', 'list')).out).toMatch(/shop\/restore-drill .* done +done .* by ana/)
    expect(mail.mails.length).toBe(1)
  })

  test('a time may be skipped with a reason, by whoever steers releases, and what is done cannot be', async () => {
    const [schedule] = JSON.parse((await by('schedule', 'list', '--json')).out) as { at: number }[]
    const done = await by(
      'schedule',
      'skip',
      'shop/restore-drill',
      '--reason',
      'no',
      '--at',
      new Date(schedule!.at).toISOString(),
    )
    expect([done.code, done.err]).toEqual([1, expect.stringContaining('done already')])
    const next = new Date(schedule!.at + 24 * HOUR).toISOString()
    const skipped = await by(
      'schedule',
      'skip',
      'shop/restore-drill',
      '--reason',
      'the data centre moves',
      '--role',
      'lead',
      '--at',
      next,
    )
    expect([skipped.code, skipped.err]).toEqual([0, ''])
    expect((await by('schedule', 'list')).out).toContain('skipped: the data centre moves')
  })
})
