/** A mail server as RFC 5321, 3207 and 4954 describe one: it refuses what is out of order, and keeps what it took. */
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly isEncrypted: boolean
  readonly user: string | null
}

export interface SmtpServerSettings {
  /** PEM texts; without them the server offers no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly from: 'starttls' | 'start' }
  /** Names and passwords; with them nobody sends without signing in, and nobody signs in without TLS. */
  readonly users?: Readonly<Record<string, string>>
  /** Says nothing at all to whoever connects. */
  readonly isSilent?: boolean
}

export interface SmtpServer {
  readonly port: number
  readonly mails: readonly TakenMail[]
  readonly commands: readonly string[]
  readonly connections: number
  close(): void
}

/** Recipients that begin with `unknown` do not exist; `later` may be tried again later. */
export async function startSmtpServer(settings: SmtpServerSettings = {}): Promise<SmtpServer> {
  const mails: TakenMail[] = []
  const commands: string[] = []
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    if (settings.isSilent) return
    const isSecure = settings.tls?.from === 'start'
    new Session(isSecure ? securedOf(socket, settings) : socket, isSecure, settings, mails, commands).greet()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    commands,
    get connections() {
      return connections
    },
    close: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

function securedOf(socket: Socket, { tls }: SmtpServerSettings): Socket {
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: createSecureContext({ cert: tls?.cert, key: tls?.key }),
  })
  secured.on('error', () => {})
  return secured
}

class Session {
  private socket: Socket
  private isEncrypted: boolean
  private readonly settings: SmtpServerSettings
  private readonly mails: TakenMail[]
  private readonly commands: string[]
  private pending = ''
  private isGreeted = false
  private user: string | null = null
  private from: string | null = null
  private to: string[] = []
  /** Takes lines that are no commands: the text of a mail, or an answer while somebody signs in. */
  private listen: ((line: string) => void) | null = null

  constructor(
    socket: Socket,
    isEncrypted: boolean,
    settings: SmtpServerSettings,
    mails: TakenMail[],
    commands: string[],
  ) {
    this.socket = socket
    this.isEncrypted = isEncrypted
    this.settings = settings
    this.mails = mails
    this.commands = commands
    this.read()
  }

  greet(): void {
    this.say('220 mail.test ESMTP')
  }

  private read(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.pending += bytes.toString('latin1')
      for (let end = this.pending.indexOf('\r\n'); end >= 0; end = this.pending.indexOf('\r\n')) {
        const line = this.pending.slice(0, end)
        this.pending = this.pending.slice(end + 2)
        if (this.listen) this.listen(line)
        else this.obey(line)
      }
    })
  }

  private say(...lines: readonly string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  private obey(line: string): void {
    this.commands.push(line.replace(/^(AUTH \S+).*/i, '$1'))
    const verb = /^[A-Za-z]+/.exec(line)?.[0].toUpperCase() ?? ''
    const orders: Readonly<Record<string, () => void>> = {
      EHLO: () => this.hello(),
      HELO: () => this.hello(),
      STARTTLS: () => this.startTls(),
      AUTH: () => this.signIn(line),
      MAIL: () => this.mail(line),
      RCPT: () => this.recipient(line),
      DATA: () => this.data(),
      RSET: () => this.reset('250 2.0.0 forgotten'),
      NOOP: () => this.say('250 2.0.0 yes'),
      QUIT: () => {
        this.say('221 2.0.0 bye')
        this.socket.end()
      },
    }
    if (Buffer.byteLength(line, 'latin1') > 510) this.say('500 5.5.2 too long a line')
    else (orders[verb] ?? (() => this.say('500 5.5.1 unknown command')))()
  }

  private hello(): void {
    this.isGreeted = true
    const offers = ['mail.test greets you', '8BITMIME']
    if (this.settings.tls?.from === 'starttls' && !this.isEncrypted) offers.push('STARTTLS')
    if (this.settings.users && this.isEncrypted) offers.push('AUTH PLAIN')
    this.say(...offers.map((offer, index) => `250${index === offers.length - 1 ? ' ' : '-'}${offer}`))
  }

  private startTls(): void {
    if (this.settings.tls?.from !== 'starttls' || this.isEncrypted) return this.say('502 5.5.1 no TLS here')
    this.socket.removeAllListeners('data')
    this.say('220 2.0.0 go ahead')
    this.socket = securedOf(this.socket, this.settings)
    this.isEncrypted = true
    // What was said before in the open counts for nothing (RFC 3207, 4.2).
    this.isGreeted = false
    this.pending = ''
    this.read()
  }

  private signIn(line: string): void {
    if (!this.isEncrypted) return this.say('538 5.7.11 not without TLS')
    const [, initial] = /^AUTH PLAIN(?: (\S+))?$/i.exec(line) ?? [undefined, undefined]
    if (initial !== undefined) return this.checkPassword(initial)
    this.listen = (answer) => {
      this.listen = null
      this.checkPassword(answer)
    }
    this.say('334 ')
  }

  private checkPassword(coded: string): void {
    const [, user = '', password = ''] = Buffer.from(coded, 'base64').toString('utf8').split('\0')
    if (this.settings.users?.[user] !== password) return this.say('535 5.7.8 user and password do not fit')
    this.user = user
    this.say('235 2.7.0 welcome')
  }

  private mail(line: string): void {
    const [, from] = /^MAIL FROM:<([^<>\s]*)>( [A-Z0-9=]+)*$/i.exec(line) ?? []
    if (!this.isGreeted) return this.say('503 5.5.1 greet first')
    if (this.settings.users && this.user === null) return this.say('530 5.7.0 sign in first')
    if (from === undefined) return this.say('501 5.5.4 no sender')
    this.from = from
    this.say('250 2.1.0 yes')
  }

  private recipient(line: string): void {
    const [, to] = /^RCPT TO:<([^<>\s]+@[^<>\s]+)>$/i.exec(line) ?? []
    if (this.from === null) return this.say('503 5.5.1 sender first')
    if (to === undefined) return this.say('501 5.1.3 no address')
    if (to.startsWith('unknown')) return this.say(`550 5.1.1 ${to} is not here`)
    if (to.startsWith('later')) return this.say(`451 4.7.1 ${to}: come again later`)
    this.to.push(to)
    this.say('250 2.1.5 yes')
  }

  private data(): void {
    if (this.from === null || this.to.length === 0) return this.say('503 5.5.1 recipients first')
    const lines: string[] = []
    this.listen = (line) => {
      if (line !== '.') return void lines.push(line.startsWith('.') ? line.slice(1) : line)
      this.listen = null
      this.take(lines)
    }
    this.say('354 go on')
  }

  private take(lines: readonly string[]): void {
    const raw = lines.join('\r\n')
    if (/(^|[^\r])\n|\r(?!\n)/.test(raw)) return this.reset('554 5.6.0 a bare end of line')
    if (lines.some((line) => line.length > 998)) return this.reset('554 5.6.0 too long a line')
    const { from, to, isEncrypted, user } = this
    this.mails.push({ from: from ?? '', to, raw, isEncrypted, user })
    this.reset(`250 2.0.0 kept as ${this.mails.length}`)
  }

  private reset(words: string): void {
    this.from = null
    this.to = []
    this.say(words)
  }
}

export interface ReadMail {
  /** Names in small letters, unfolded; each in the order it stands. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** By type, such as `text/html`, decoded. */
  readonly parts: Readonly<Record<string, string>>
}

/** As much of MIME as a mail program needs to show a mail of two parts. */
export function readMail(raw: string): ReadMail {
  const { headers, body } = splitMail(raw)
  const type = valueOf(headers, 'content-type')
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1]
  const texts = boundary === undefined ? [raw] : body.split(`--${boundary}`).slice(1, -1)
  const parts = texts.map((text) => {
    const part = splitMail(text.replace(/^\r\n/, ''))
    return [
      valueOf(part.headers, 'content-type').split(';')[0] ?? '',
      decoded(part.body, valueOf(part.headers, 'content-transfer-encoding')),
    ] as const
  })
  return { headers, parts: Object.fromEntries(parts) }
}

function splitMail(raw: string): { headers: ReadMail['headers']; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  const unfolded = raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ')
  const headers = unfolded.split('\r\n').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { headers, body: raw.slice(end + 4) }
}

function valueOf(headers: ReadMail['headers'], name: string): string {
  return headers.find(([own]) => own === name)?.[1] ?? ''
}

function decoded(body: string, coding: string): string {
  if (coding === 'base64') return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n')
  if (coding !== 'quoted-printable') return body.replaceAll('\r\n', '\n')
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}
