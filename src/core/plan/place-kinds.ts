/** Kinds of `sources:` that are no metric source: databases and addresses that checks ask. */
import { z } from 'zod'

export interface PlaceKind {
  readonly summary: string
  readonly config: z.ZodType
  readonly example: string
}

export const placeKinds: ReadonlyMap<string, PlaceKind> = new Map([
  [
    'postgres',
    {
      summary: 'A PostgreSQL database',
      config: z.looseObject({ url: z.string().describe('Connection string; the password as {{ secret.NAME }}') }),
      example: 'sources: { db: { kind: postgres, url: "postgres://reader:{{ secret.DB_PASSWORD }}@db/app" } }',
    },
  ],
  [
    'sqlite',
    {
      summary: 'An SQLite file',
      config: z.looseObject({ file: z.string().describe("Path, relative to the checklist's folder") }),
      example: 'sources: { db: { kind: sqlite, file: app.db } }',
    },
  ],
  [
    'http',
    {
      summary: 'An address that HTTP checks may ask',
      config: z.looseObject({ url: z.string().describe('Base address') }),
      example: 'sources: { shop: { kind: http, url: https://shop.example } }',
    },
  ],
])
