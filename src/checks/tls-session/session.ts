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

export function shake({ host, port, addresses }: OutboundPlace, offer: Offer, signal: AbortSignal): Promise<Shaken> {
  const options: ConnectionOptions = {
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

function distrustOf(fault: unknown): string | null {
  if (fault === null || fault === undefined || fault === '') return null
  return fault instanceof Error ? wordsOf(fault) : typeof fault === 'string' ? fault : 'it cannot be trusted'
}
