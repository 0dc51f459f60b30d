/** Services asked in their own protocol, load on them, and what is tried from outside. */
import { describe, expect, test } from 'vitest'
import type { Kind, Recogniser } from '../item.ts'
import { known, knownTask } from './cases.ts'
import { loadSoak, securityProbe, serviceProbe, sql, websocket } from './probes.ts'

interface Cases {
  readonly recogniser: Recogniser
  readonly is: readonly string[]
  readonly not: readonly string[]
}

const cases: Readonly<Partial<Record<Kind, Cases>>> = {
  websocket: {
    recogniser: websocket,
    is: [
      'WebSocket connects',
      'wss://shop.example/live answers',
      'Clients reconnect after a restart',
      'Existing connections are kept',
    ],
    not: ['The socket wrench is in the van', 'WebSocket protocol is documented', 'Customers connect the printer'],
  },
  'service-probe': {
    recogniser: serviceProbe,
    is: [
      'Redis answers',
      'Kafka brokers are up',
      'DNS records updated',
      'Port 5432 is open',
      'SMTP relay is reachable',
    ],
    not: ['Deploy Redis', 'Cache hit rate is fine', 'DNS change scheduled', 'The airport is open'],
  },
  sql: {
    recogniser: sql,
    is: ['Indexes created', 'No lock contention', 'Migrations applied', 'Audit log is written', 'No data loss'],
    not: ['The seating tables are set', 'Audit logging enabled', 'Migration guide is ready'],
  },
  'load-soak': {
    recogniser: loadSoak,
    is: ['Load tests reach 300 users', '40 concurrent sessions: fine', 'Stress test done', 'Soak over night'],
    not: ['Unload the truck', 'The page loads', 'Create 10 concurrent sessions'],
  },
  'security-probe': {
    recogniser: securityProbe,
    is: [
      'CORS headers configured',
      'TLS version >= 1.3',
      'Cannot access data of another customer',
      'Rate limiting is on',
      'No secrets in the image',
    ],
    not: [
      'OWASP findings reviewed by the lead',
      'Read https://acme.dev/why',
      'The security guard is told',
      'Keys rotated',
    ],
  },
}

describe.for(Object.entries(cases))('%s', ([kind, { recogniser, is, not }]) => {
  test.for([...is])('is asked by: %s', (words) =>
    expect(knownTask(recogniser, words)).toMatchObject({ kind, role: 'step' }),
  )
  test.for([...not])('is not asked by: %s', (words) => expect(knownTask(recogniser, words)).toBeNull())
})

test('what is said of sockets in a section about them is theirs', () => {
  expect(knownTask(websocket, 'Updates are received', 'WebSocket')).toMatchObject({ kind: 'websocket' })
  expect(knownTask(websocket, 'Updates are received', 'Mail')).toBeNull()
})

test('a plain bullet beside boxes is asked nothing', () => {
  expect(known(serviceProbe, '- [ ] a\n\nAlso:\n\n- Redis answers\n', 5)).toBeNull()
})
