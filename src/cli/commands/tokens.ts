/** `token`: secrets for pipelines, workers and scripts; each is shown once. */
import type { Token } from '../../core/access/access.ts'
import { dateWords } from '../../report/words.ts'
import { change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { placeIn, placeWords } from '../place-argument.ts'
import { duration, list as many, text } from '../values.ts'

type TokenOnWire = Omit<Token, 'isRevoked'> & { readonly revoked: boolean }

const DEFAULT_LIFE = '30d'
const HOLDERS = 'as its holder'

export const list: Run = async (context) => {
  const client = await context.client()
  const tokens = await client.ask<readonly TokenOnWire[]>('GET', '/v1/tokens')
  if (context.json) printJson(context, tokens)
  else if (tokens.length === 0) context.err('no tokens; for example: holdpoint token issue --expires 30d')
  const now = Date.now()
  if (!context.json)
    printTable(
      context,
      ['TOKEN', 'HOLDER', 'NAME', 'WHERE', 'RIGHTS', 'EXPIRES'],
      tokens.map((token) => ({
        cells: [
          token.id,
          token.holder,
          token.name,
          scopeWords(token),
          token.scope.rights?.join(' ') ?? HOLDERS,
          token.revoked ? 'revoked' : token.expires <= now ? 'expired' : dateWords(token.expires),
        ],
        tone: token.revoked || token.expires <= now ? 'dim' : 'plain',
      })),
    )
  return 0
}

/** A token without bounds of its own may do what its holder may, where its holder may: not "everywhere". */
export function scopeWords({ scope }: Pick<Token, 'scope'>): string {
  const { organisation, project, environment } = scope.place
  return organisation === null && project === null && environment === null ? HOLDERS : placeWords(scope.place)
}

export const issue: Run = (context, [holder], options) => {
  const life = duration(text(options, 'expires') ?? DEFAULT_LIFE, '--expires')
  const at = text(options, 'at')
  const environment = text(options, 'environment')
  const place = placeIn(at ?? 'everywhere')
  if (environment !== null && place.environment !== null && place.environment !== environment)
    throw new UsageFault(
      `--at says ${place.environment} and --environment says ${environment}; one of them is enough, for example --at acme/shop/staging`,
    )
  const rights = many(options, 'right')
  const body = {
    holder: holder ?? null,
    name: text(options, 'name') ?? holder ?? 'token',
    scope: {
      place: { ...place, environment: environment ?? place.environment },
      rights: rights.length === 0 ? null : rights,
      labels: many(options, 'label'),
    },
    expires: Date.now() + life,
  }
  return change<{ token: string; secret: string; expires: number }>(
    context,
    '/v1/tokens',
    body,
    ({ token, secret, expires }) => [
      secret,
      `token ${token} works until ${dateWords(expires)}; the secret above is shown this once`,
      `in a pipeline: HOLDPOINT_SERVER=${context.config.server?.url ?? 'ADDRESS'} HOLDPOINT_TOKEN=…`,
      `to end it: holdpoint token revoke ${token} --reason 'left the team'`,
    ],
  )
}

export const revoke: Run = (context, [token = ''], options) =>
  change(context, `/v1/tokens/${segment(token)}/revoke`, { reason: text(options, 'reason') ?? '' }, () => [
    `token ${token} works nowhere any more`,
  ])
