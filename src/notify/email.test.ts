import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith, findProgram, freePort, type Running, startProgram, until } from '../../test/support/programs.ts'
import { readMail, type SmtpServer, type SmtpServerSettings, startSmtpServer } from '../../test/support/smtp-server.ts'
import type { Message, NotifyPowers } from '../core/ports/notify.ts'
import type { HostRule } from '../worker/declared-hosts.ts'
import { createOutbound } from '../worker/outbound.ts'
import { wordsOf } from './notify.fixture.ts'
import { email } from './email.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-mail-'))
const before = tls.getCACertificates('default')
const trusted = certificate('localhost')
const untrusted = certificate('mail.elsewhere.example')
const servers: SmtpServer[] = []

beforeAll(() => tls.setDefaultCACertificates([...before, trusted.cert]))
afterAll(() => {
  for (const server of servers) server.close()
  tls.setDefaultCACertificates([...before])
  rmSync(folder, { recursive: true, force: true })
})

function certificate(name: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, `${name}.cert`), join(folder, `${name}.key`)]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'pipe' })
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

async function serving(settings: SmtpServerSettings = {}): Promise<SmtpServer> {
  const server = await startSmtpServer(settings)
  servers.push(server)
  return server
}

const rule = (host: string, port: number | null = null): HostRule => ({ host, port, trust: 'literal' })

function powers(
  rules: readonly HostRule[] = [rule('localhost'), rule('127.0.0.1')],
  signal?: AbortSignal,
): NotifyPowers {
  const outbound = createOutbound()
  return {
    signal: signal ?? new AbortController().signal,
    clock: { now: () => Date.UTC(2026, 10, 21, 20), sleep: () => Promise.resolve() },
    root: folder,
    http: outbound.for({ rules, protected: true }),
    place: (url) => outbound.place(url, { rules, protected: true }),
    console: () => {},
  }
}

const message: Message = {
  id: 'notify-1/team/7/rollout.started',
  release: 'r1',
  on: 'rollout.started',
  subject: 'Checkout 1.2.3: Ausrollen läuft 🚀',
  body: '**10 %** of *traffic*\n\n- error rate 0.42 %\n- [board](https://grafana.example.com/d/1)\n\n.\n.. a line of dots\n',
}

const settings = (server: { port: number }, more: object = {}): ReturnType<typeof email.config.parse> =>
  email.config.parse({
    url: `smtp://127.0.0.1:${server.port}`,
    starttls: 'none',
    from: 'Releases <releases@example.com>',
    to: ['team@example.com', 'Ana <ana@example.com>'],
    ...more,
  })

function sending(
  server: { port: number },
  more: object = {},
  what: Message = message,
  given: NotifyPowers = powers(),
): Promise<string> {
  const config = settings(server, more)
  return email.send(email.render(what, config), what, config, given).then(wordsOf)
}

const header = (raw: string, name: string): string | undefined =>
  readMail(raw).headers.find(([own]) => own === name)?.[1]

describe('a mail', () => {
  test('has the Markdown as it is written and as HTML, and goes to each recipient', async () => {
    const server = await serving()
    expect(await sending(server)).toBe('127.0.0.1 took it for 2: 250 2.0.0 kept as 1')
    const [mail] = server.mails
    expect(mail).toMatchObject({ from: 'releases@example.com', to: ['team@example.com', 'ana@example.com'] })
    const { parts } = readMail(mail?.raw ?? '')
    expect(parts['text/plain']?.trimEnd()).toBe(message.body.trimEnd())
    expect(parts['text/html']).toContain('<strong>10 %</strong> of <em>traffic</em>')
    expect(parts['text/html']).toContain('<li><a href="https://grafana.example.com/d/1">board</a></li>')
    expect(header(mail?.raw ?? '', 'date')).toBe('Sat, 21 Nov 2026 20:00:00 +0000')
    expect(header(mail?.raw ?? '', 'auto-submitted')).toBe('auto-generated')
    const coded = header(mail?.raw ?? '', 'subject') ?? ''
    const words = [...coded.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)].map(([, text = '']) => Buffer.from(text, 'base64'))
    const plain = words.length === 0 ? '' : Buffer.concat(words).toString('utf8')
    expect(
      plain === ''
        ? decodeURIComponent(
            coded
              .replace(/=\?UTF-8\?Q\?|\?=\s*/g, '')
              .replaceAll('_', ' ')
              .replaceAll('=', '%'),
          )
        : plain,
    ).toBe(message.subject)
  })

  test('that is sent again is recognised by its Message-ID; mails of one release are one conversation', async () => {
    const server = await serving()
    await sending(server)
    await sending(server)
    await sending(server, {}, { ...message, id: 'notify-1/team/8/rollout.started' })
    await sending(server, {}, { ...message, release: 'r2' })
    const ids = server.mails.map(({ raw }) => header(raw, 'message-id'))
    expect(ids[0]).toMatch(/^<holdpoint\.[0-9a-f]{32}@example\.com>$/)
    expect([ids[0] === ids[1], new Set(ids).size]).toEqual([true, 3])
    const threads = server.mails.map(({ raw }) => header(raw, 'references'))
    expect([new Set(threads.slice(0, 3)).size, new Set(threads).size]).toEqual([1, 2])
  })

  test('shows what looks like HTML, a script or a picture, and does none of it', async () => {
    const server = await serving()
    const body = '<img src=x onerror=alert(1)> [go](javascript:alert(1)) ![seen](https://tracker.example.com/p.gif)'
    await sending(server, {}, { ...message, body })
    const html = readMail(server.mails[0]?.raw ?? '').parts['text/html'] ?? ''
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html).not.toMatch(/<img|<script|href="javascript/i)
  })

  test('gets no header, recipient or second mail out of a subject, a body or a name of a release', async () => {
    const server = await serving()
    const evil = 'Hi\r\nBcc: victim@example.com\r\n\r\n.\r\nMAIL FROM:<x@y>\nX-Evil: 1\u2028X-More: 1'
    await sending(server, {}, { id: evil, release: evil, on: evil, subject: evil, body: `${evil}\r\n.\r\nQUIT\r\n` })
    expect(server.mails).toHaveLength(1)
    const [mail] = server.mails
    expect(mail?.to).toEqual(['team@example.com', 'ana@example.com'])
    const names = readMail(mail?.raw ?? '').headers.map(([name]) => name)
    expect(names.toSorted()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'references',
      'subject',
      'to',
    ])
    expect(server.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(2)
    expect(readMail(mail?.raw ?? '').parts['text/plain']).toContain('.\nQUIT')
  })

  test('is shown in the preview as it will be sent', () => {
    const preview = email.render(message, settings({ port: 25 }))
    expect(preview.split('\n').slice(0, 3)).toEqual([
      'From: Releases <releases@example.com>',
      'To: team@example.com, Ana <ana@example.com>',
      `Subject: ${message.subject}`,
    ])
  })
})

const aiosmtpd = findProgram('/usr/bin/aiosmtpd')

describeWith({ aiosmtpd }, 'a real server that takes mail only over TLS', () => {
  let server: Running
  let port: number
  const mailbox = join(folder, 'mailbox')

  beforeAll(async () => {
    port = await freePort()
    const [cert, key] = ['cert', 'key'].map((end) => join(folder, `localhost.${end}`))
    const keeps = ['-c', 'aiosmtpd.handlers.Mailbox', mailbox]
    const listens = ['-n', '-l', `127.0.0.1:${port}`, '--tlscert', cert ?? '', '--tlskey', key ?? '']
    server = startProgram(aiosmtpd ?? '', [...listens, ...keeps])
    await until('aiosmtpd listens', () => canConnect(port))
  })
  afterAll(() => server.stop())

  test('keeps what was sent to it, once for all recipients; without TLS it refuses and nothing is kept', async () => {
    await expect(sending({ port })).rejects.toThrow(/STARTTLS|530/)
    const url = `smtp://localhost:${port}`
    expect(await sending({ port }, { url, starttls: 'required' })).toMatch(/^localhost took it for 2: 250/)
    const kept = readdirSync(join(mailbox, 'new'))
    expect(kept).toHaveLength(1)
    // A mailbox on disk has the line ends of its system.
    const raw = readFileSync(join(mailbox, 'new', kept[0] ?? ''), 'latin1').replaceAll(/\r?\n/g, '\r\n')
    expect(header(raw, 'x-rcptto')).toBe('team@example.com, ana@example.com')
    expect(readMail(raw).parts['text/plain']?.trimEnd()).toBe(message.body.trimEnd())
  })
})

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

describe('the settings', () => {
  const refusal = (more: object): string =>
    (
      email.config.safeParse({ url: 'smtp://m.example.com', from: 'a@example.com', to: ['b@example.com'], ...more })
        .error?.issues ?? []
    )
      .map(({ path, message: words }) => `${path.join('.')}: ${words}`)
      .join('; ')

  test('that could smuggle a header or another recipient in are refused', () => {
    for (const from of [
      'a@example.com\r\nBcc: c@example.com',
      'a@example.com, c@example.com',
      'A, B <a@example.com>',
      'nobody',
    ]) {
      expect(refusal({ from })).toMatch(/^from: expected one address/)
      expect(refusal({ to: [from] })).toMatch(/^to\.0: expected one address/)
    }
    expect(refusal({ from: '{{ input.sender }}', to: ['{{ input.team }}@example.com'] })).toBe('')
    expect(refusal({ to: ['{{ a }}, c@example.com'] })).not.toBe('')
  })

  test('need a password with a user, TLS with a password, and a server that is one', () => {
    expect(refusal({ user: 'u' })).toBe('password: expected user and password together, or neither')
    expect(refusal({ user: 'u', password: 'p', starttls: 'none' })).toMatch(/^starttls: .*not sent without TLS/)
    expect(refusal({ user: 'u', password: 'p' })).toBe('')
    for (const url of ['https://mail.example.com', 'mail.example.com', 'smtp://user:pw@mail.example.com'])
      expect(refusal({ url })).toMatch(/^url: expected a mail server such as/)
  })
})

describe('TLS', () => {
  const users = { releases: 'pass word ü' }
  const login = { user: 'releases', password: 'pass word ü', starttls: 'required' }

  test.each(['starttls', 'start'] as const)('is there before a password is sent (%s)', async (from) => {
    const server = await serving({ tls: { ...trusted, from }, users })
    const url = `${from === 'start' ? 'smtps' : 'smtp'}://localhost:${server.port}`
    await sending(server, { ...login, url })
    expect(server.mails[0]).toMatchObject({ isEncrypted: true, user: 'releases' })
  })

  test('with a wrong password nothing is sent, and the password is not said', async () => {
    const server = await serving({ tls: { ...trusted, from: 'starttls' }, users })
    const refused = sending(server, { ...login, url: `smtp://localhost:${server.port}`, password: 'guessed' })
    await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable: false })
    await expect(refused).rejects.toThrow(/^localhost refused user and password: 535/)
    await expect(refused).rejects.not.toThrow(/guessed/)
    expect(server.mails).toEqual([])
  })

  test('that a server does not offer, though it is required, is a final fault, and no mail goes in the open', async () => {
    const server = await serving()
    const refused = sending(server, { starttls: 'required' })
    await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable: false })
    expect([server.mails, server.commands.some((line) => line.startsWith('MAIL'))]).toEqual([[], false])
  })

  test.each(['starttls', 'start'] as const)(
    'of a server that is not who it should be is not used (%s)',
    async (from) => {
      const server = await serving({ tls: { ...untrusted, from } })
      const url = `${from === 'start' ? 'smtps' : 'smtp'}://localhost:${server.port}`
      await expect(sending(server, { url, starttls: 'required' })).rejects.toMatchObject({ name: 'NotifyFault' })
      expect([server.mails, server.commands.some((line) => line.startsWith('MAIL'))]).toEqual([[], false])
    },
  )
})

describe('delivery', () => {
  test('to some of the recipients only is a failure that names the others', async () => {
    const server = await serving()
    const gone = sending(server, { to: ['team@example.com', 'unknown@example.com'] })
    await expect(gone).rejects.toMatchObject({ retryable: false })
    await expect(gone).rejects.toThrow('127.0.0.1 took it for 1 of 2, not for unknown@example.com: 550 5.1.1')
    const late = sending(server, { to: ['team@example.com', 'later@example.com'] })
    await expect(late).rejects.toMatchObject({ retryable: true })
  })

  test('ends when its time is over, also where a server says nothing', async () => {
    const server = await serving({ isSilent: true })
    const end = new AbortController()
    const sent = sending(server, {}, message, powers(undefined, end.signal))
    sent.catch(() => {})
    await expect.poll(() => server.connections).toBe(1)
    end.abort()
    await expect(sent).rejects.toMatchObject({ name: 'NotifyFault', retryable: true })
  })

  test('asks the guard first: what was not declared, or lies on this machine unsaid, is not connected to', async () => {
    const server = await serving()
    for (const rules of [[rule('mail.example.com')], [rule('127.0.0.1', server.port + 1)]]) {
      const refused = sending(server, {}, message, powers(rules))
      await expect(refused).rejects.toMatchObject({ name: 'NotifyFault', retryable: false })
    }
    expect(server.connections).toBe(0)
  })
})
