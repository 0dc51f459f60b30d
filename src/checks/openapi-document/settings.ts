/** `openapi:` of a check of the docs: which document, against which service or which list of its routes. */
import { z } from 'zod'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { fill } from '../parts/fields.ts'
import { readText } from '../parts/read-text.ts'
import { isFields, readOpenApi } from './document.ts'
import { covers, differencesOf, readRoutes } from './listed-routes.ts'
import { askLive, isSafe, textAt } from './live-routes.ts'

const place = z.string().min(1)
const scalar = z.union([z.string(), z.number(), z.boolean()])

export const openApiField = z
  .strictObject({
    document: place.describe('File below the folder of the checklist, or an address'),
    service: z
      .string()
      .regex(/^(?:https?:\/\/\S|\{\{)/, { error: 'expected an address such as https://staging.example.com/v1' })
      .optional()
      .describe('What stands before the paths of the document: each route that changes nothing is asked there'),
    values: z
      .record(z.string(), scalar)
      .default({})
      .describe("Values of parameters by name, before the document's examples"),
    answers: z.boolean().default(false).describe('What is answered agrees with the documented status, type and schema'),
    token: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a secret such as API_TOKEN, never its value' })
      .optional()
      .describe('Name of the secret that holds a bearer token'),
    routes: place
      .optional()
      .describe("File or address of the service's own list of routes: in both directions nothing may be missing"),
    below: z
      .string()
      .regex(/^\//, { error: 'expected the beginning of a path, such as /v1' })
      .default('/')
      .describe('What listed paths begin with before those of the document; others are not looked at'),
    except: z
      .array(z.string().regex(/^(?:[A-Za-z]+\s+)?\/\S*$/, { error: 'expected "GET /metrics" or "/internal/*"' }))
      .default([])
      .describe('Routes that are not looked at: `GET /metrics`, `/internal/*`'),
  })
  .superRefine((given, context) => {
    if (given.service === undefined && given.routes === undefined)
      context.addIssue({ code: 'custom', message: 'expected service or routes beside the document', path: ['service'] })
    if (given.service === undefined && given.answers)
      context.addIssue({ code: 'custom', message: 'expected service beside it: who answers', path: ['answers'] })
  })

export type OpenApiSettings = z.infer<typeof openApiField>

export interface OpenApiReading {
  readonly problems: readonly string[]
  readonly doubts: readonly string[]
  readonly documented: number
  readonly asked: number
  readonly lines: readonly string[]
}

/** Of settings as they are written. */
export function openApiSecrets(openapi: Json | undefined): readonly string[] {
  const token = isFields(openapi) ? openapi['token'] : undefined
  return typeof token === 'string' ? [token] : []
}

/** Throws ConfigFault and OutboundFault. */
export async function readAgainstLive(given: OpenApiSettings, powers: CheckPowers): Promise<OpenApiReading> {
  const { variables } = powers
  const headers: Record<string, string> =
    given.token === undefined ? {} : { authorization: `Bearer ${powers.secret(given.token)}` }
  const textOf = (from: string): Promise<string> => {
    const filled = fill(from, variables)
    return /^https?:\/\//.test(filled) ? textAt(filled, headers, powers) : readText(powers, from)
  }
  const name = fill(given.document, variables)
  const whole = readOpenApi(await textOf(given.document), name)
  const operations = whole.operations.filter((route) => !given.except.some((one) => covers(one, route)))
  const listed =
    given.routes === undefined
      ? []
      : differencesOf(operations, readRoutes(await textOf(given.routes), fill(given.routes, variables)), given)
  const documented = operations.length
  if (given.service === undefined)
    return {
      problems: listed,
      doubts: documented === 0 ? [`${name} documents no route`] : [],
      documented,
      asked: 0,
      lines: [],
    }
  const live = await askLive(
    { ...whole, operations },
    {
      service: fill(given.service, variables).replace(/\/+$/, ''),
      headers,
      values: Object.fromEntries(
        Object.entries(given.values).map(([key, value]) => [key, fill(String(value), variables)]),
      ),
      answers: given.answers,
    },
    powers,
  )
  const nothing = operations.some(isSafe)
    ? []
    : [`${name} documents no route that could be asked without changing anything`]
  return { ...live, problems: [...listed, ...live.problems], doubts: [...nothing, ...live.doubts], documented }
}
