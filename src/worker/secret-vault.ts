/** Values of declared secrets in this process's memory: lent ones first, then the process's own environment, or a file. */
import type { Plan } from '../core/plan/plan.ts'
import { compileSecrets, redactBytes, redactText } from './launcher/redaction.ts'
import type { SecretProvider } from '../core/ports/secret-provider.ts'
import { commandProvider } from './launcher/secret-command.ts'
import { secretFileReader } from './launcher/secret-files.ts'
import { resolveSecrets } from './launcher/secrets.ts'

/** A secret that a check or source needs has no usable value; the words name the place, never the value. */
export class SecretFault extends Error {
  override name = 'SecretFault'
}

export interface SecretVault {
  /** Values by the name of their environment variable, from a client's environment; never on disk. */
  lend(values: Readonly<Record<string, string>>): void
  /** Asks the vault, if there is one, for what a plan names in it: before anything that needs a value. Never rejects. */
  prepare(plan: Plan): Promise<void>
  /** Throws SecretFault. */
  value(plan: Plan, name: string): string
  /** Takes the values of all secrets a plan declares out of whatever is recorded, in every coding. */
  redactor(plan: Plan): Redaction
}

export interface Redaction {
  readonly text: (text: string) => string
  readonly bytes: (bytes: Uint8Array) => Uint8Array
}

export function createSecretVault(
  environment: Readonly<Record<string, string | undefined>>,
  provider: SecretProvider = commandProvider(environment, { asksAtOnce: false }),
): SecretVault {
  const lent = new Map<string, string>()
  // A value that was handed out stays a secret after its file or variable has changed.
  const handedOut = new Set<string>()
  const readFile = secretFileReader(environment)
  const lookUp = (name: string): string | undefined => lent.get(name) ?? environment[name]
  const prepared: { key: string; redaction: Redaction } = { key: '', redaction: redactionOf([]) }
  return {
    lend: (values) => {
      for (const [name, value] of Object.entries(values)) lent.set(name, value)
    },
    prepare: (plan) => {
      const sources = Object.values(plan.secrets)
      return provider.prepare(sources.flatMap((source) => (source.from === 'command' ? [source.name] : [])))
    },
    value: (plan, name) => {
      const source = plan.secrets[name]
      if (!source) throw new SecretFault(`secret ${name} is not declared under secrets:`)
      const resolved = resolveSecrets({ [name]: source }, lookUp, provider.value, readFile)
      if (resolved.kind === 'unavailable') throw new SecretFault(resolved.why)
      const value = resolved.values[name] ?? ''
      handedOut.add(value)
      return value
    },
    redactor: (plan) => {
      const current = Object.entries(plan.secrets).flatMap(([name, source]) => {
        const resolved = resolveSecrets({ [name]: source }, lookUp, provider.value, readFile)
        return resolved.kind === 'resolved' ? Object.values(resolved.values) : []
      })
      const values = [...new Set([...current, ...handedOut])]
      const key = JSON.stringify(values)
      if (prepared.key !== key) Object.assign(prepared, { key, redaction: redactionOf(values) })
      return prepared.redaction
    },
  }
}

function redactionOf(values: readonly string[]): Redaction {
  const patterns = compileSecrets(values)
  if (patterns === null) return { text: (text) => text, bytes: (bytes) => bytes }
  return { text: (text) => redactText(patterns, text), bytes: (bytes) => redactBytes(patterns, bytes) }
}
