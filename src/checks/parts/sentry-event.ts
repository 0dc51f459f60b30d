/** A test event for an error tracker that speaks the protocol of Sentry: where its DSN leads, and the envelope that is sent there. */
import type { Instant } from '../../core/units.ts'

export interface Dsn {
  /** Where envelopes are sent. */
  readonly endpoint: string
  readonly key: string
}

/** `https://KEY@host/PROJECT`; null = it is none. */
export function readDsn(text: string): Dsn | null {
  const url = URL.parse(text)
  const [, prefix = '', project] = /^(.*)\/(\w+)\/?$/.exec(url?.pathname ?? '') ?? []
  if (url === null || !/^https?:$/.test(url.protocol) || url.username === '' || project === undefined) return null
  return { endpoint: `${url.protocol}//${url.host}${prefix}/api/${project}/envelope/`, key: url.username }
}

export interface TestEvent {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly at: Instant
  readonly release: string
  readonly environment: string
}

/** One fingerprint, so that all of them are one issue. */
export function envelopeOf({ id, at, release, environment }: TestEvent): string {
  const event = {
    event_id: id,
    timestamp: at / 1_000,
    platform: 'other',
    level: 'info',
    logger: 'holdpoint',
    message: { formatted: 'Holdpoint: a test event, sent to see that it arrives' },
    fingerprint: ['holdpoint-test-event'],
    tags: { source: 'holdpoint' },
    ...(release === '' ? {} : { release }),
    ...(environment === '' ? {} : { environment }),
  }
  return `${JSON.stringify({ event_id: id, sent_at: new Date(at).toISOString() })}\n{"type":"event"}\n${JSON.stringify(event)}\n`
}

export function authOf({ key }: Dsn): string {
  return `Sentry sentry_version=7, sentry_client=holdpoint/1.0, sentry_key=${key}`
}
