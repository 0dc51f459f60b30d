/** Kinds of `sources:` that are no metric source: databases and addresses that checks ask. */
import { z } from 'zod'
import { clusterSource } from '../kubernetes/fields.ts'

export interface PlaceKind {
  readonly summary: string
  readonly config: z.ZodType
  readonly example: string
}

/** Ours alone: a second length, host or connection would say something else than what was checked. */
export const ownHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'upgrade',
  'expect',
  'te',
  'trailer',
])

export const placeKinds: ReadonlyMap<string, PlaceKind> = new Map([
  [
    'postgres',
    {
      summary: 'A PostgreSQL database',
      config: z.strictObject({ url: z.string().describe('Connection string; the password as {{ secret.NAME }}') }),
      example: 'sources: { db: { kind: postgres, url: "postgres://reader:{{ secret.DB_PASSWORD }}@db/app" } }',
    },
  ],
  [
    'sqlite',
    {
      summary: 'An SQLite file',
      config: z.strictObject({ file: z.string().describe("Path, relative to the checklist's folder") }),
      example: 'sources: { db: { kind: sqlite, file: app.db } }',
    },
  ],
  [
    'mysql',
    {
      summary: 'A MySQL or MariaDB database',
      config: z.strictObject({
        url: z
          .string()
          .describe(
            'Address with the user and the database; `?tls=true`, or `?ca=FILE` of trusted certificates; the password as {{ secret.NAME }}',
          ),
      }),
      example:
        'sources: { shop: { kind: mysql, url: "mysql://reader:{{ secret.DB_PASSWORD }}@db.internal/shop?tls=true" } }',
    },
  ],
  [
    'clickhouse',
    {
      summary: 'A ClickHouse database, asked over HTTP',
      config: z.strictObject({
        url: z
          .string()
          .describe('Address of its HTTP interface, with the user and `?database=`; the password as {{ secret.NAME }}'),
      }),
      example:
        'sources: { events: { kind: clickhouse, url: "https://reader:{{ secret.CH_PASSWORD }}@ch.internal:8443/?database=app" } }',
    },
  ],
  [
    'http',
    {
      summary: 'An address that HTTP checks may ask',
      config: z.strictObject({
        url: z.string().describe('Base address; the paths of an `http check on=NAME` go behind it'),
        headers: z
          .record(
            z
              .string()
              .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'expected the name of a header' })
              .refine((name) => !ownHeaders.has(name.toLowerCase()), {
                error: 'expected another header: this one is set by the request itself',
              }),
            z.string(),
          )
          .optional()
          .describe('Sent with each of these requests; secrets as {{ secret.NAME }}'),
      }),
      example:
        'sources: { shop: { kind: http, url: https://shop.example/api, headers: { authorization: "Bearer {{ secret.API_TOKEN }}" } } }',
    },
  ],
  [
    'kubernetes',
    {
      summary: 'A Kubernetes cluster, for checks, actions and traffic drivers',
      config: clusterSource,
      example:
        'sources: { cluster: { kind: kubernetes, server: "https://cluster.example.com:6443", token: KUBERNETES_TOKEN, ca: KUBERNETES_CA, namespace: shop } }',
    },
  ],
])
