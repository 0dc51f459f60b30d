/** Finds the values of a command's secrets when it starts. Values live in memory and in the command's environment only. */
import type { CommandRequest } from '../../core/ports/launcher.ts'
import { SHORTEST_SECRET } from './codings.ts'
import { type ReadSecretFile, secretFileReader } from './secret-files.ts'

const LONGEST_SECRET = 65_536

export type SecretSource = CommandRequest['secrets'][string]

export type Resolved =
  | { readonly kind: 'resolved'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'unavailable'; readonly why: string }

/** `lookUp` answers for `from: env`: what clients lent comes before the launcher's own environment. */
export function resolveSecrets(
  secrets: CommandRequest['secrets'],
  lookUp: (name: string) => string | undefined,
  vault: (name: string) => string | undefined = () => undefined,
  readFile: ReadSecretFile = secretFileReader({}),
): Resolved {
  const values: Record<string, string> = {}
  for (const [name, source] of Object.entries(secrets)) {
    if (source.from === 'env' && source.name.startsWith('HOLDPOINT_'))
      return { kind: 'unavailable', why: `secret ${name} is not available: ${source.name} is a setting of Holdpoint` }
    const found = source.from === 'file' ? readFile(source.path) : { content: valueOf(source, lookUp, vault) }
    if ('refused' in found) return { kind: 'unavailable', why: `secret ${name} is not available: ${found.refused}` }
    // As `$(cat file)` gives it: the line end that editors add is no part of the secret.
    const value = source.from === 'file' ? found.content?.replace(/[\r\n]+$/, '') : found.content
    const why = whyUnusable(name, source, value)
    if (why !== null) return { kind: 'unavailable', why }
    values[name] = value as string
  }
  return { kind: 'resolved', values }
}

function valueOf(
  source: Exclude<SecretSource, { readonly from: 'file' }>,
  lookUp: (name: string) => string | undefined,
  vault: (name: string) => string | undefined,
): string | undefined {
  return source.from === 'env' ? lookUp(source.name) : vault(source.name)
}

const places: Readonly<Record<SecretSource['from'], string>> = {
  env: 'the environment variable',
  file: 'the file',
  command: 'what HOLDPOINT_SECRET_COMMAND prints for',
}

function whyUnusable(name: string, source: SecretSource, value: string | undefined): string | null {
  const place = `${places[source.from]} ${source.from === 'file' ? source.path : source.name}`
  if (value === undefined || value === '') return `secret ${name} is not available: ${place} is missing or empty`
  if (value.length < SHORTEST_SECRET)
    return `secret ${name} has fewer than ${SHORTEST_SECRET} characters, too few to keep it out of the output`
  if (value.length > LONGEST_SECRET) return `secret ${name} is longer than ${LONGEST_SECRET} characters`
  if (value.includes('\0')) return `secret ${name} contains a NUL byte, which no environment can carry`
  return null
}
