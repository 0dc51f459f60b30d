/** A service that answers in JSON over HTTP, as checks about it ask it: where it is, with which token, and its refusals in words. */
import { z } from 'zod'
import type { SourcePlan } from '../../core/plan/plan.ts'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { ConfigFault } from './fields.ts'
import { filledUrl, putter } from './filled.ts'
import { oneLine } from './say.ts'

/** Settings that say where a service is. `kinds` = of the sources that may say it. */
export function serviceFields(what: string, kinds: readonly string[]) {
  return {
    on: z
      .string()
      .min(1)
      .optional()
      .describe(
        `Source of the kind ${kinds.map((kind) => `\`${kind}\``).join(' or ')} that says the address and headers`,
      ),
    url: z
      .string()
      .regex(/^(?:https?:\/\/\S|\{\{)/, { error: 'expected an address such as https://grafana.example.com' })
      .optional()
      .describe(`Address of ${what}, instead of \`on\``),
    token: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a secret such as API_TOKEN, never its value' })
      .optional()
      .describe('Name of the secret that holds a bearer token'),
  }
}

export interface ServiceSettings {
  readonly on?: string | undefined
  readonly url?: string | undefined
  readonly token?: string | undefined
}

/** What is wrong about where the service is; null = nothing. */
export function servicePlaceProblem({ on, url }: ServiceSettings): string | null {
  return (on === undefined) === (url === undefined) ? 'expected on: NAME of a source, or url, one of them' : null
}

/** Of settings as they are written. */
export function serviceSecrets({ token }: { readonly token?: Json }): readonly string[] {
  return typeof token === 'string' ? [token] : []
}

/** It refuses, or gives no answer that can be used: one sentence. */
export class ServiceFault extends Error {
  override name = 'ServiceFault'
}

export interface ServiceAsk {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: Json
}

export interface Service {
  /** Its address, for sentences. */
  readonly where: string
  /** What is at a path; null = 404. Throws ServiceFault and OutboundFault. */
  readonly ask: (path: string, given?: ServiceAsk) => Promise<Json | null>
  /** The same, held to a shape. What is not there is a fault. */
  readonly shaped: <S extends z.ZodType>(schema: S, path: string, given?: ServiceAsk) => Promise<z.infer<S>>
}

/** Throws ConfigFault. */
export function serviceAt(
  given: ServiceSettings,
  kinds: readonly string[],
  powers: Pick<CheckPowers, 'http' | 'signal' | 'secret' | 'source' | 'variables'>,
): Service {
  const { where, headers } = placeOf(given, kinds, powers)
  const ask = async (path: string, init: ServiceAsk = {}): Promise<Json | null> => {
    const { body } = init
    const answer = await powers.http(`${where}${path}`, {
      method: init.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
        ...headers,
        ...init.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: powers.signal,
      redirect: 'manual',
    })
    if (answer.status === 404) return null
    const text = await answer.text()
    if (answer.status < 200 || answer.status >= 300)
      throw new ServiceFault(`${where} ${refusalOf(answer.status, answer.headers.get('location'), text)}`)
    return text.trim() === '' ? null : readJson(text, `${where}${path}`)
  }
  return {
    where,
    ask,
    async shaped(schema, path, init) {
      const told = await ask(path, init)
      if (told === null)
        throw new ServiceFault(`${where} has nothing at ${path.replace(/\?.*$/, '')} (404, or no text)`)
      const read = schema.safeParse(told)
      if (read.success) return read.data
      throw new ServiceFault(
        `the answer of ${where}${path.replace(/\?.*$/, '')} is not as it should be: ${placeIn(read.error)}`,
      )
    },
  }
}

function placeIn(error: z.ZodError): string {
  const [issue] = error.issues
  return oneLine(issue === undefined ? 'unknown' : `${issue.path.join('.')} ${issue.message}`, 120)
}

function placeOf(
  given: ServiceSettings,
  kinds: readonly string[],
  powers: Pick<CheckPowers, 'secret' | 'source' | 'variables'>,
): { readonly where: string; readonly headers: Readonly<Record<string, string>> } {
  const own: Record<string, string> =
    given.token === undefined ? {} : { authorization: `Bearer ${powers.secret(given.token)}` }
  if (given.on === undefined) return { where: bare(filledUrl(given.url ?? '', putter(powers))), headers: own }
  const source: SourcePlan = powers.source(given.on)
  if (!kinds.includes(source.kind))
    throw new ConfigFault(`${given.on} is a source of kind ${source.kind}, expected ${kinds.join(' or ')}`)
  const read = z
    .object({ url: z.string().min(1), headers: z.record(z.string(), z.string()).default({}) })
    .safeParse(source.config)
  if (!read.success) throw new ConfigFault(`source ${given.on}: ${placeIn(read.error)}`)
  return { where: bare(read.data.url), headers: { ...lowered(read.data.headers), ...own } }
}

function bare(url: string): string {
  return url.replace(/\/+$/, '')
}

function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function refusalOf(status: number, location: string | null, text: string): string {
  if (status === 401 || status === 403) return `does not accept the token, or wants one (${status})`
  if (status >= 300 && status < 400) return `redirects to ${location ?? 'another address'} (${status})`
  const words = messageIn(text)
  return `answered ${status}${words === '' ? '' : `: ${words}`}`
}

/** `{"message": …}`, `{"error": …}`, `{"detail": …}`, or the text itself where it is short and no page. */
function messageIn(text: string): string {
  try {
    const said = JSON.parse(text) as Readonly<Record<string, unknown>> | null
    const words = said?.['message'] ?? said?.['error'] ?? said?.['detail'] ?? ''
    return oneLine(typeof words === 'string' ? words : JSON.stringify(words), 200)
  } catch {
    return text.length > 300 || text.includes('<') ? '' : oneLine(text, 200)
  }
}

function readJson(text: string, where: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new ServiceFault(`the answer of ${where.replace(/\?.*$/, '')} is no JSON`)
  }
}
