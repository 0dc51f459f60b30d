/** The description of the API that the server itself gives, in OpenAPI 3.1: where it is, and how one says who asks. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { BASIC, BEARER, COOKIE } from './auth/declare.ts'
import { cookieName } from './auth/identify.ts'
import type { RouteDeps } from './deps.ts'
import type { ApiEnv } from './env.ts'

/** Ways of single routes. */
export const GITHUB_SIGNATURE = 'githubSignature'
export const SLACK_SIGNATURE = 'slackSignature'
export const RESULT_KEY = 'resultKey'
export const RESULT_SIGNATURE = 'resultSignature'

const ABOUT =
  'Runs release checklists: starts releases, shows them live, takes decisions, answers gates. Each operation says under `x-holdpoint-needs` which right it takes and where.'

export function describeApi(app: OpenAPIHono<ApiEnv>, { web, about }: RouteDeps): void {
  for (const [name, scheme] of Object.entries(schemes(web.isSecure)))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme)
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Holdpoint',
      version: about.version,
      description: ABOUT,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers:
      web.origins.length > 0
        ? web.origins.map((url) => ({ url }))
        : [{ url: 'http://localhost', description: 'The socket of the engine, which asks nobody who they are' }],
  })
}

type Scheme = Parameters<OpenAPIHono['openAPIRegistry']['registerComponent']>[2]

function schemes(isSecure: boolean): Readonly<Record<string, Scheme>> {
  const header = (name: string, description: string): Scheme => ({ type: 'apiKey', in: 'header', name, description })
  return {
    [BEARER]: { type: 'http', scheme: 'bearer', description: 'A session (`hps_…`) or a token (`hpt_…`)' },
    [COOKIE]: {
      type: 'apiKey',
      in: 'cookie',
      name: cookieName(isSecure),
      description: 'The session of a browser, for requests from pages of this very server',
    },
    [BASIC]: {
      type: 'http',
      scheme: 'basic',
      description: 'For programs that know nothing else: any name, and a token as the password',
    },
    [GITHUB_SIGNATURE]: header('X-Hub-Signature-256', 'As GitHub signs, with the secret of the App’s webhook'),
    [SLACK_SIGNATURE]: header('X-Slack-Signature', 'As Slack signs, with the signing secret of the app'),
    [RESULT_KEY]: header('x-holdpoint-key', 'Id of a key of the project'),
    [RESULT_SIGNATURE]: header(
      'webhook-signature',
      'As standardwebhooks.com has it, with `webhook-id` and `webhook-timestamp`; see docs/results.md',
    ),
  }
}
