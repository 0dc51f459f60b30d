import { expect, test } from 'vitest'
import type { CheckDefinition } from '../core/ports/check.ts'
import { z } from 'zod'
import { addressesOf, type HostRule, ruleFor, rulesOf } from './declared-hosts.ts'
import { outboundFor } from './powers.ts'
import { createOutbound, type Outbound, type Allowance } from './outbound.ts'
import { releaseOf } from './release.fixture.ts'
import { email } from '../notify/email.ts'
import { createSecretVault } from './secret-vault.ts'

const http = {
  kind: 'http',
  summary: 'x',
  config: z.strictObject({ requests: z.string() }),
  needs: ['http'],
  timeoutMs: 1_000,
  example: '',
  facts: {},
  run: () => Promise.reject(new Error('unused')),
} as never as CheckDefinition<never>

const loose = (kind: string): CheckDefinition<never> =>
  ({ ...http, kind, config: z.looseObject({}), needs: ['place'] }) as never as CheckDefinition<never>

function allowanceOf(
  frontMatter: string,
  requests: readonly string[] = [],
  inputs: Record<string, string> = {},
  environment = 'staging',
  blocks: readonly string[] = [],
): Allowance {
  const steps = [
    '- [ ] First',
    ...requests.map((request, index) => `- [ ] Ask ${index}\n  \`\`\`http check\n  ${request}\n  \`\`\`\n`),
    ...blocks.map((block, index) => `- [ ] Look ${index}\n  ${block}\n`),
  ].join('\n')
  const state = releaseOf({
    frontMatter: `environments: { staging: {}, production: { protected: true } }\n${frontMatter}`,
    steps,
    checks: [http, loose('tcp'), loose('webhook-sink'), loose('scenario'), loose('failover')],
    notifiers: [email as never],
    inputs,
    environment,
  })
  const seen: Allowance[] = []
  const outbound: Outbound = {
    for: (allowance) => {
      seen.push(allowance)
      return createOutbound().for(allowance)
    },
    place: (url, allowance) => createOutbound().place(url, allowance),
    close: () => {},
  }
  outboundFor(
    { ...state, captures: new Map([['captured', 'evil.example.com']]) },
    { outbound, vault: createSecretVault({ HOST: 'inside.example.com' }) },
  )
  return seen[0] ?? { rules: [], protected: true }
}

test('hosts of sources, channels and http checks are declared', () => {
  const { rules } = allowanceOf(
    'sources: { metrics: { kind: prometheus, url: "https://prom.example.com:9090/x" }, shop: { kind: http, url: "http://SHOP.example.com" } }',
    ['GET http://127.0.0.1:8080/health', 'POST https://[::1]/x'],
  )
  expect(rules).toEqual([
    { host: 'prom.example.com', port: 9090, trust: 'literal' },
    { host: 'shop.example.com', port: 80, trust: 'literal' },
    { host: '127.0.0.1', port: 8080, trust: 'literal' },
    { host: '::1', port: 443, trust: 'literal' },
  ])
})

test('a mail server is declared by its channel, at the port that mail has where none is written', () => {
  const { rules } = allowanceOf(
    `channels:\n${['smtp://Mail.example.com', 'smtps://mail.example.com/', 'smtp://127.0.0.1:1025']
      .map((url, at) => `  c${at}: { kind: email, url: "${url}", from: a@example.org, to: [b@example.org] }`)
      .join('\n')}`,
    [],
  )
  expect(rules).toEqual([
    { host: 'mail.example.com', port: 587, trust: 'literal' },
    { host: 'mail.example.com', port: 465, trust: 'literal' },
    { host: '127.0.0.1', port: 1025, trust: 'literal' },
  ])
})

test('a host out of an input is given, one out of a capture is nothing, a port may be anything', () => {
  const inputs = 'inputs: { base: { type: string, required: true }, host: { type: string, default: localhost } }'
  const { rules } = allowanceOf(
    inputs,
    [
      'GET {{ base }}/health',
      'GET http://{{ host }}:81/',
      'GET http://localhost:{{ port }}/',
      'GET https://{{ captured }}/',
    ],
    { base: 'http://10.0.0.7:3000', host: 'web.internal' },
  )
  expect(rules).toContainEqual({ host: '10.0.0.7', port: 3000, trust: 'given' })
  expect(rules).toContainEqual({ host: 'web.internal', port: 81, trust: 'given' })
  expect(rules).toContainEqual({ host: 'localhost', port: null, trust: 'literal' })
  expect(rules.map((rule) => rule.host)).not.toContain('evil.example.com')
})

test('a check that connects by itself declares where to, and no port beside its own on this machine', () => {
  const { rules } = allowanceOf('inputs: { cache: { type: string, default: cache.internal } }', [], {}, 'staging', [
    '```yaml check\n  kind: tcp\n  host: db.internal\n  port: 5432\n  ```',
    '```yaml check\n  kind: tcp\n  host: "{{ cache }}"\n  port: "6379"\n  ```',
    '```yaml check\n  kind: tcp\n  host: 127.0.0.1\n  ```',
    '```yaml check\n  kind: tcp\n  hosts: ["k1.internal:9092", "redis://127.0.0.1"]\n  ```',
  ])
  expect(rules).toEqual([
    { host: 'db.internal', port: 5432, trust: 'literal' },
    { host: 'cache.internal', port: 6379, trust: 'given' },
    { host: '127.0.0.1', port: null, trust: 'literal' },
    { host: 'k1.internal', port: 9092, trust: 'literal' },
    { host: '127.0.0.1', port: 6379, trust: 'literal' },
  ])
})

test('requests inside another block declare their hosts as those of an http check do', () => {
  const { rules } = allowanceOf('', [], {}, 'staging', [
    '```yaml check\n  kind: webhook-sink\n  trigger: |\n    POST https://api.example.com/hooks\n\n    {"url": "{{ sink_url }}"}\n  ```',
    '```yaml check\n  kind: scenario\n  steps:\n    - { kind: command, script: GET http://no.example.com/ }\n    - { kind: http, requests: GET http://shop.example.com/a }\n    - { kind: redis, host: cache.internal, port: 6379 }\n    - { kind: http, requests: "GET https://{{ captured }}/" }\n  ```',
    '```yaml check\n  kind: failover\n  break: curl http://no.example.com/\n  survives: [{ kind: http, requests: GET http://cart.example.com/ }]\n  recovers: [{ kind: tcp, host: db.internal, port: 5432 }]\n  ```',
  ])
  expect(rules).toEqual([
    { host: 'api.example.com', port: 443, trust: 'literal' },
    { host: 'shop.example.com', port: 80, trust: 'literal' },
    { host: 'cache.internal', port: 6379, trust: 'literal' },
    { host: 'cart.example.com', port: 80, trust: 'literal' },
    { host: 'db.internal', port: 5432, trust: 'literal' },
  ])
})

test('a matrix declares the host of each of its cells, as if each stood there', () => {
  const block = '```http check matrix="region=eu,us"\n  GET https://{{ region }}.shop.example/health\n  ```'
  expect(allowanceOf('', [], {}, 'staging', [block]).rules).toEqual([
    { host: 'eu.shop.example', port: 443, trust: 'literal' },
    { host: 'us.shop.example', port: 443, trust: 'literal' },
  ])
})

test('a host inside a secret is known, and a protected environment says so', () => {
  const front = 'secrets: { HOST: env }\nsources: { shop: { kind: http, url: "https://{{ secret.HOST }}/" } }'
  expect(allowanceOf(front).rules).toEqual([{ host: 'inside.example.com', port: 443, trust: 'given' }])
  expect(allowanceOf(front).protected).toBe(false)
  expect(allowanceOf(front, [], {}, 'production').protected).toBe(true)
})

test('what looks like a host but is not where the request goes is not declared', () => {
  const { rules } = allowanceOf('', [
    'GET https://good.example.com@evil.example.com/',
    'GET https://a.example.com/?to=https://b.example.com/',
  ])
  expect(rules.map((rule) => rule.host)).toEqual(['evil.example.com', 'a.example.com'])
})

test('a local name is held to its port, another host is not', () => {
  const rules = [
    { host: '127.0.0.1', port: 80, trust: 'literal' as const },
    { host: 'api.example.com', port: 443, trust: 'literal' as const },
  ]
  expect(ruleFor(rules, '127.0.0.1', 6379)).toBeNull()
  expect(ruleFor(rules, '127.0.0.1', 80)).not.toBeNull()
  expect(ruleFor(rules, 'API.example.com.', 8443)).not.toBeNull()
})

test('a kind may make its addresses of its settings, with values that stood at the start', () => {
  const addresses = ({ region }: Readonly<Record<string, unknown>>): readonly string[] => [
    `https://s3.${String(region)}.example.com`,
  ]
  const fill = (text: string): string => text.replace('{{ input.region }}', 'eu-west-1')
  const rules = (region: string): readonly HostRule[] => rulesOf(addressesOf({ addresses }, { region }), fill)
  expect(rules('eu-west-2')).toEqual([{ host: 's3.eu-west-2.example.com', port: 443, trust: 'literal' }])
  expect(rules('{{ input.region }}')).toEqual([{ host: 's3.eu-west-1.example.com', port: 443, trust: 'given' }])
  expect(addressesOf({}, {})).toEqual([])
})
