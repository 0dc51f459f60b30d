/** One TLS handshake, as far as a check needs it: what was agreed on, the certificate, and why it was refused. */
import { connect, type ConnectionOptions, type DetailedPeerCertificate, type SecureVersion } from 'node:tls'
import type { OutboundPlace } from '../../core/ports/outbound.ts'
import { wordsOf } from '../parts/say.ts'

export interface Session {
  readonly protocol: string
  readonly cipher: string
  /** Null = the chain and the name are those of somebody who is trusted. */
  readonly distrusted: string | null
  readonly certificate: DetailedPeerCertificate
}

export type Shaken = { readonly session: Session } | { readonly refused: string }

/** What is offered; nothing = what this Node offers. */
export interface Offer {
  readonly name: string
  readonly ca?: string
  readonly from?: SecureVersion
  readonly to?: SecureVersion
  /** OpenSSL's names; what only the other side should refuse must not be refused here already. */
  readonly ciphers?: string
}

export function shake(place: OutboundPlace, offer: Offer, signal: AbortSignal): Promise<Shaken> {
  const options = optionsOf(place, offer)
  const shaken = new Promise<Shaken>((resolve) => {
    const stop = (): void => void socket.destroy(new Error('no answer in time'))
    const socket = connect(options, () => {
      const certificate = socket.getPeerCertificate(true)
      resolve({
        session: {
          protocol: socket.getProtocol() ?? '',
          cipher: socket.getCipher().name,
          distrusted: distrustOf(socket.authorizationError),
          certificate,
        },
      })
      socket.destroy()
    })
    socket.on('error', (error) => resolve({ refused: wordsOf(error) }))
    socket.on('close', () => {
      signal.removeEventListener('abort', stop)
      resolve({ refused: 'the connection was closed' })
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  // What this OpenSSL cannot even offer is thrown at once.
  return shaken.catch((error: unknown) => ({ refused: wordsOf(error) }))
}

function optionsOf({ host, port, addresses }: OutboundPlace, offer: Offer): ConnectionOptions {
  return {
    host,
    port,
    lookup: (_host, _options, callback) => callback(null, [...addresses]),
    ...(/^[\d.]+$|:/.test(offer.name) ? {} : { servername: offer.name }),
    rejectUnauthorized: false,
    minVersion: offer.from ?? 'TLSv1.2',
    maxVersion: offer.to ?? 'TLSv1.3',
    ...(offer.ca === undefined ? {} : { ca: offer.ca }),
    ...(offer.ciphers === undefined ? {} : { ciphers: offer.ciphers }),
  }
}

const longestHead = 64 * 1024

/**
 * The head of the answer to `GET /` of the host, as text, whoever the certificate trusts: that is judged by the handshake.
 * Null where no head of HTTP came.
 */
export function headOf(place: OutboundPlace, offer: Offer, host: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    let head = ''
    const settle = (found: string | null): void => {
      signal.removeEventListener('abort', stop)
      resolve(found)
      socket.destroy()
    }
    const stop = (): void => settle(null)
    const socket = connect(optionsOf(place, offer), () => {
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\naccept: */*\r\nconnection: close\r\n\r\n`)
    })
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      head += text
      const end = head.indexOf('\r\n\r\n')
      if (end >= 0 || head.length > longestHead)
        settle(end >= 0 && head.startsWith('HTTP/1') ? head.slice(0, end) : null)
    })
    socket.on('error', () => settle(null))
    socket.on('close', () => settle(null))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}

function distrustOf(fault: unknown): string | null {
  if (fault === null || fault === undefined || fault === '') return null
  return fault instanceof Error ? wordsOf(fault) : typeof fault === 'string' ? fault : 'it cannot be trusted'
}
