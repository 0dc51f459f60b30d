/** A vault behind a command: `HOLDPOINT_SECRET_COMMAND` is a program with its words, and the name of a secret is the last one. */
import { execFile, spawnSync } from 'node:child_process'
import { type SecretProvider, secretNamePattern } from '../../core/ports/secret-provider.ts'

const WITHIN_MS = 10_000
const LONGEST = 65_536
/** A secret that was changed in the vault is used here after this time at the latest. */
const KEPT_MS = 60_000

type Environment = Readonly<Record<string, string | undefined>>

/** null = none is set. Throws a sentence when it is set to what is no command. */
export function secretCommandOf(environment: Environment): readonly [string, ...string[]] | null {
  const text = environment['HOLDPOINT_SECRET_COMMAND']
  if (text === undefined || text === '') return null
  const words = listIn(text)
  const [program, ...rest] = words ?? []
  if (program === undefined || !program.startsWith('/') || !words?.every((word) => typeof word === 'string'))
    throw new Error(
      'HOLDPOINT_SECRET_COMMAND: expected a JSON list that begins with the path of a program, for example ["/usr/local/bin/read-secret","--raw"]',
    )
  return [program, ...rest]
}

function listIn(text: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as string[]) : null
  } catch {
    return null
  }
}

interface Kept {
  readonly value: string | undefined
  readonly until: number
}

/**
 * No shell, a time limit, and what it prints goes nowhere but to who asked. `asksAtOnce` = `value` may stop this process
 * until the command has answered: in the launcher, never in the engine.
 */
export function commandProvider(
  environment: Environment,
  { asksAtOnce, now = Date.now }: { readonly asksAtOnce: boolean; readonly now?: () => number },
): SecretProvider {
  const kept = new Map<string, Kept>()
  const asking = new Map<string, Promise<void>>()
  const keep = (name: string, output: string | undefined) => {
    const value = output?.replace(/[\r\n]+$/, '')
    kept.set(name, { value: value === '' ? undefined : value, until: now() + KEPT_MS })
  }
  const isFresh = (name: string) => (kept.get(name)?.until ?? 0) > now()
  const command = () => {
    try {
      return secretCommandOf(environment)
    } catch {
      return null
    }
  }
  const ask = async (name: string): Promise<void> => {
    const words = command()
    if (words === null || !secretNamePattern.test(name)) return
    const [program, ...rest] = words
    keep(name, await outputOf(program, [...rest, name], environment))
  }
  return {
    async prepare(names) {
      const wanted = [...new Set(names)].filter((name) => !isFresh(name))
      await Promise.all(
        wanted.map((name) => {
          const already = asking.get(name) ?? ask(name).finally(() => asking.delete(name))
          asking.set(name, already)
          return already
        }),
      )
    },
    value(name) {
      const words = command()
      if (asksAtOnce && words !== null && !isFresh(name) && secretNamePattern.test(name)) {
        const [program, ...rest] = words
        const { status, stdout } = spawnSync(program, [...rest, name], {
          env: environment,
          timeout: WITHIN_MS,
          maxBuffer: LONGEST,
          stdio: ['ignore', 'pipe', 'ignore'],
          encoding: 'utf8',
        })
        keep(name, status === 0 ? stdout : undefined)
      }
      return kept.get(name)?.value
    },
  }
}

function outputOf(program: string, words: readonly string[], env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(program, [...words], { env, timeout: WITHIN_MS, maxBuffer: LONGEST }, (fault, stdout) =>
      resolve(fault === null ? stdout : undefined),
    )
    child.stdin?.end()
  })
}
