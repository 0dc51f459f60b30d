/** Settings that everything about GitHub has: which repository, where, and with which token. */
import { z } from 'zod'
import type { Json } from '../units.ts'
import { githubApi } from './api.ts'

const defaultToken = 'GITHUB_TOKEN'

export const githubFields = {
  repository: z
    .string()
    .regex(/^(?:[\w.-]+|\{\{[^}]*\}\})\/(?:[\w.-]+|\{\{[^}]*\}\})+$/, {
      error: 'expected owner/name such as acme/shop',
    })
    .describe('`owner/name`'),
  token: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, { error: 'expected the name of a secret such as GITHUB_TOKEN, never its value' })
    .default(defaultToken)
    .describe('Name of the secret that holds the token, declared under `secrets:`'),
  base: z
    .string()
    .regex(/^(?:https?:\/\/\S|\{\{)/, { error: 'expected an address such as https://github.example.com/api/v3' })
    .default(githubApi)
    .describe('Address of the API; of GitHub Enterprise `https://HOST/api/v3`'),
}

/** Of settings as they are written: what is not said has its default. */
export function githubSecrets({ token }: { readonly token?: Json }): readonly string[] {
  return [typeof token === 'string' ? token : defaultToken]
}
