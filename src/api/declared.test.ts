/** What plans declare, told without what could be a secret. */
import { expect, test } from 'vitest'
import type { Plan } from '../core/plan/plan.ts'
import { declaredIn } from './declared.ts'

const none = { weekdays: null, fromMinute: null, toMinute: null, dates: null }

function declared(parts: Partial<Plan>) {
  return declaredIn({ sources: {}, channels: {}, windows: {}, ...parts } as Plan)
}

test('an address is told without names, passwords and queries, also where they are names of secrets', () => {
  const { sources } = declared({
    sources: {
      prom: { kind: 'prometheus', config: { url: 'https://ana:pw@metrics.example:9090/api?token=x#y' } },
      db: { kind: 'postgres', config: { url: 'postgres://reader:{{ secret.DB_PASSWORD }}@db/app' } },
      file: { kind: 'sqlite', config: { file: 'app.db' } },
      odd: { kind: 'scrape', config: { url: 'no address' } },
    },
  })
  expect(sources.map(({ where }) => where)).toEqual([
    'https://metrics.example:9090/api',
    'postgres://db/app',
    'app.db',
    null,
  ])
})

test('of a channel the host is told: its path often is the secret', () => {
  const { channels } = declared({
    channels: {
      team: { kind: 'webhook', config: { url: 'https://hooks.example/services/T0/secret' } },
      log: { kind: 'console', config: {} },
    },
  })
  expect(channels.map(({ where }) => where)).toEqual(['https://hooks.example', null])
})

test('a window reads as people say it', () => {
  const { windows } = declared({
    windows: {
      office: {
        zone: 'UTC',
        allow: [{ ...none, weekdays: [1, 5], fromMinute: 540, toMinute: 960 }, none],
        deny: [{ ...none, dates: ['2026-12-24'] }],
        covers: 'watch',
        override: 'manager',
      },
    },
  })
  expect(windows).toEqual([
    {
      name: 'office',
      zone: 'UTC',
      allow: ['Mon, Fri 09:00-16:00', 'always'],
      deny: ['2026-12-24'],
      terms: ['holds to the end of the last watch', 'override by manager, with a reason'],
    },
  ])
})
