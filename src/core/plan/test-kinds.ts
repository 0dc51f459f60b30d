/** A few kinds for the tests of this folder, shaped like the real ones. */
import { z } from 'zod'
import type { CheckDefinition } from '../ports/check.ts'
import type { MetricSourceDefinition } from '../ports/metrics.ts'
import type { Kinds } from './kinds.ts'

function check(
  kind: string,
  config: z.ZodType,
  facts: CheckDefinition['facts'],
  example: string,
): [string, CheckDefinition<never>] {
  const definition = {
    kind,
    summary: kind,
    config,
    needs: [],
    timeoutMs: 60_000,
    example,
    facts,
    run: () => Promise.reject(new Error('only compiled here')),
  }
  return [kind, definition as unknown as CheckDefinition<never>]
}

const text = z.string().nullable().default(null)

const checks = new Map([
  check(
    'command',
    z.strictObject({
      shell: z.enum(['bash', 'posix', 'python', 'node']),
      script: z.string().min(1),
      cwd: text,
      match: text,
      forbid: text,
      json: z.boolean().default(false),
    }),
    { exit: 'int', stdout: 'string', stderr: 'string', json: 'dyn' },
    '```sh check timeout=2m\nnpm test\n```',
  ),
  check(
    'http',
    z.strictObject({ requests: z.string() }),
    { status: 'int', body: 'dyn' },
    '```http check\nGET https://shop.example/health\n```',
  ),
  check(
    'sql',
    z.strictObject({ on: z.string(), query: z.string() }),
    { value: 'dyn', row: 'map', rows: 'list', count: 'int' },
    '```sql check on=db expect="count == 0"\nselect 1\n```',
  ),
  check(
    'promql',
    z.strictObject({
      on: z.string(),
      query: z.string(),
      below: text,
      above: text,
      between: text,
      outside: text,
      for: text,
      every: text,
      minSamples: z.number().int().nullable().default(null),
      versus: text,
      within: text,
    }),
    { value: 'double', samples: 'int' },
    '```promql check on=prom below=1% for=10m\nup\n```',
  ),
  check(
    'tcp',
    z.strictObject({ host: z.string(), port: z.number().int().min(1).max(65_535) }),
    { ms: 'double' },
    '```yaml check\nkind: tcp\nhost: db\nport: 5432\n```',
  ),
])

function others<T>(kinds: readonly (readonly [string, z.ZodType])[]): ReadonlyMap<string, T> {
  return new Map(
    kinds.map(([kind, config]) => [kind, { kind, summary: kind, config, example: `kind: ${kind}` } as unknown as T]),
  )
}

/** Reads selectors only, as the real one does. */
const scrape = {
  kind: 'scrape',
  summary: 'scrape',
  config: z.strictObject({ url: z.string() }),
  example: 'sources: { page: { kind: scrape, url: http://localhost:8080/metrics } }',
  checkQuery: (_kind: string, _name: string, query: string) =>
    /^(?:sum\()?[\w:]+(?:\{.*\})?\)?$/s.test(query.trim())
      ? null
      : { expected: 'a selector, or sum(…) of one', example: 'sum(http_requests_total{code=~"5.."})' },
} as unknown as MetricSourceDefinition<never>

export const testKinds: Kinds = {
  checks,
  sources: new Map([
    ...others<MetricSourceDefinition<never>>([['prometheus', z.strictObject({ url: z.string() })]]),
    ['scrape', scrape],
  ]),
  drivers: others([
    ['command', z.strictObject({ set: z.string(), read: z.string(), restore: z.string() })],
    ['haproxy', z.strictObject({ socket: z.string(), backend: z.string(), stable: z.string(), canary: z.string() })],
  ]),
  notifiers: others([
    ['console', z.strictObject({})],
    ['webhook', z.strictObject({ url: z.string() })],
  ]),
}
