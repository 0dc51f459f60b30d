/** Hands one mail to a mail server, at the addresses the guard allows. The one file that knows the mail library. */
import { connect, type Socket } from 'node:net'
import { NotifyFault, type NotifyPowers } from '../../core/ports/notify.ts'
import { OutboundFault, type OutboundPlace } from '../../core/ports/outbound.ts'
import type { ComposedMail } from './compose.ts'

export interface MailServerSettings {
  readonly url: string
  readonly starttls: 'required' | 'none'
  readonly user?: string | undefined
  readonly password?: string | undefined
}

/** Resolves with the server's last word; throws NotifyFault. */
export async function deliverMail(
  mail: ComposedMail,
  settings: MailServerSettings,
  powers: NotifyPowers,
): Promise<string> {
  const { place, transport, end } = await connectedTo(settings, powers)
  try {
    const date = new Date(powers.clock.now())
    const { accepted, rejected, rejectedErrors, response } = await transport
      .sendMail({ ...mail, date, signal: powers.signal })
      .catch((cause: unknown) => {
        throw faultOf(cause, place)
      })
    if (rejected.length === 0) return `${place.host} took it for ${accepted.length}: ${response}`
    const said = rejectedErrors?.[0]?.response ?? 'no reason'
    throw new NotifyFault(
      `${place.host} took it for ${accepted.length} of ${accepted.length + rejected.length}, not for ${rejected.join(', ')}: ${said}`,
      { retryable: rejectedErrors?.some(({ responseCode = 0 }) => responseCode >= 400 && responseCode < 500) ?? false },
    )
  } finally {
    end()
  }
}

/** Greets, asks for TLS and signs in, as for a mail; hands over none. */
export async function askMailServer(settings: MailServerSettings, powers: NotifyPowers): Promise<string> {
  const { place, transport, end } = await connectedTo(settings, powers)
  try {
    await transport.verify().catch((cause: unknown) => {
      throw faultOf(cause, place)
    })
    return settings.user === undefined ? `${place.host} answers` : `${place.host} lets ${settings.user} in`
  } finally {
    end()
  }
}

async function connectedTo(settings: MailServerSettings, powers: NotifyPowers) {
  const place = await placeOf(settings.url, powers)
  const { createTransport } = await import('nodemailer')
  const connection = await connected(place, powers.signal)
  const secure = settings.url.toLowerCase().startsWith('smtps:')
  const transport = createTransport({
    host: place.host,
    port: place.port,
    secure,
    requireTLS: !secure && settings.starttls === 'required',
    ignoreTLS: settings.starttls === 'none',
    connection,
    ...(settings.user === undefined ? {} : { auth: { user: settings.user, pass: settings.password ?? '' } }),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return { place, transport, end: () => connection.destroy() }
}

async function placeOf(url: string, powers: NotifyPowers): Promise<OutboundPlace> {
  try {
    return await powers.place(url)
  } catch (cause) {
    if (!(cause instanceof OutboundFault)) throw cause
    throw new NotifyFault(cause.message, { retryable: cause.retryable, cause })
  }
}

/** To the addresses that were looked at, one after another; the name is not looked up again. */
function connected({ host, port, addresses }: OutboundPlace, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      signal,
      lookup: (_name, options, callback) => {
        const [first] = addresses
        if (options.all === true) callback(null, [...addresses])
        else callback(null, first?.address ?? '', first?.family)
      },
    })
    const fail = (cause: Error & { code?: string }): void =>
      reject(
        new NotifyFault(`${host}:${port} cannot be reached${cause.code === undefined ? '' : ` (${cause.code})`}`, {
          retryable: true,
          cause,
        }),
      )
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      // Between here and the library's own listener, and after it, an error must not end the process.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

/** 5xx is an answer, 4xx is "later"; a server that offers no TLS, or shows a wrong certificate, stays as it is. */
function faultOf(cause: unknown, { host }: OutboundPlace): NotifyFault {
  const { code, responseCode, response, message, command } = cause as Partial<
    Record<'code' | 'response' | 'message' | 'command', string>
  > & { responseCode?: number }
  if (responseCode !== undefined)
    return new NotifyFault(`${host} refused ${wordsOf[command ?? ''] ?? 'the mail'}: ${response ?? responseCode}`, {
      retryable: responseCode < 500,
      cause,
    })
  if (code === 'ETLS')
    return new NotifyFault(`${host} offers no TLS that holds: ${message}`, { retryable: false, cause })
  return new NotifyFault(`${host} did not take the mail: ${message}`, { retryable: true, cause })
}

const wordsOf: Readonly<Record<string, string>> = {
  CONN: 'the connection',
  EHLO: 'the greeting',
  'MAIL FROM': 'the sender',
  'RCPT TO': 'all recipients',
  DATA: 'the text',
  'AUTH PLAIN': 'user and password',
  'AUTH LOGIN': 'user and password',
  'AUTH CRAM-MD5': 'user and password',
}
