/** A deadline that passes reaches people by mail. On a real server, through a real SMTP conversation. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMail, type SmtpServer, startSmtpServer } from '../support/smtp-server.ts'
import { startTeamServer, type TeamServer } from '../support/team-server.ts'

const PASSWORD = 'seven lamps under the bridge'
let server: TeamServer
let mail: SmtpServer
let root = ''

beforeAll(async () => {
  ;[server, mail] = await Promise.all([startTeamServer(), startSmtpServer()])
  root = server.person('root')
  const set = ['login', server.setupLink, '--person', 'root', '--organisation', 'acme', '--project', 'shop']
  expect((await server.holdpoint(root, set, `${PASSWORD}\n`)).code).toBe(0)
}, 120_000)

afterAll(async () => {
  mail?.close()
  await server?.end()
}, 60_000)

test('a follow-up that nobody did in time is told by mail, once', async () => {
  const file = join(server.folder, 'release.md')
  writeFileSync(
    file,
    `---
holdpoint: 1
service: shop
environments: { staging: {} }
channels:
  ops: { kind: email, url: "smtp://127.0.0.1:${mail.port}", starttls: none, from: "hp@example.com", to: [ops@example.com] }
---
# Shop
\`\`\`md notify on=follow-up.overdue to=ops
{{ news }}. Tell us what keeps you.
\`\`\`
- [ ] It is looked at
`,
  )
  const by = (...args: string[]) => server.holdpoint(root, args, '', { COLUMNS: '200' })
  const started = await by('run', file, '--version', '1.0', '--env', 'staging', '--json')
  const id = /"release": ?"([^"]+)"/.exec(started.out)?.[1] ?? ''
  expect([id === '', started.err]).toEqual([false, started.err])
  const late = await by('follow-up', 'add', 'Alert on a full disk', '--release', id, '--owner', 'root', '--due', '1s')
  expect([late.code, late.err]).toEqual([0, late.err])
  await expect.poll(() => mail.mails.length, { timeout: 60_000 }).toBe(1)
  const { headers, parts } = readMail(mail.mails[0]!.raw)
  expect(JSON.stringify(headers)).toContain('Overdue: Alert on a full disk')
  expect(parts['text/plain']).toContain('root owns it')
  expect(parts['text/plain']).toContain('Tell us what keeps you.')
  const listed = await by('follow-up', 'list', '--overdue')
  expect([listed.code, listed.out]).toEqual([1, expect.stringContaining('OVERDUE since')])
}, 120_000)
