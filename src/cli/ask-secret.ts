/** Asks for a word or for a secret that the screen does not show; without a terminal they come from options and stdin. */
import { readFileSync } from 'node:fs'
import type { Context } from './context.ts'
import { Refused, UsageFault } from './faults.ts'

export async function askWord(context: Context, what: string, option: string): Promise<string> {
  if (!context.interactive)
    throw new UsageFault(
      `${what.toLowerCase()} is missing; without a terminal give it as an option, for example ${option} ana`,
    )
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({ message: what, validate: (given) => (given?.trim() ? undefined : 'it cannot be empty') })
  if (isCancel(answer)) throw interrupted()
  return answer.trim()
}

/** `twice` = a new one, typed again. Without a terminal: the first line of stdin, so that no secret stands among arguments. */
export async function askSecret(context: Context, what: string, twice = false): Promise<string> {
  if (!process.stdin.isTTY) return firstLineOfStdin(what)
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message: what })
  if (isCancel(answer)) throw interrupted()
  if (!twice) return answer
  const again = await password({ message: 'Once more' })
  if (isCancel(again)) throw interrupted()
  if (again === answer) return answer
  context.err('these two are not the same; try again')
  return askSecret(context, what, true)
}

/** Several at once: without a terminal one line of stdin each. */
export async function askSecrets(
  context: Context,
  asked: readonly { readonly what: string; readonly isNew: boolean }[],
): Promise<readonly string[]> {
  if (process.stdin.isTTY) {
    const given: string[] = []
    for (const { what, isNew } of asked) given.push(await askSecret(context, what, isNew))
    return given
  }
  const lines = readFileSync(0, 'utf8').split(/\r?\n/)
  return asked.map(({ what }, at) => {
    const line = lines[at] ?? ''
    if (line !== '') return line
    throw new UsageFault(
      `${what.toLowerCase()}: without a terminal ${asked.length} lines of stdin are read, and line ${at + 1} is missing`,
    )
  })
}

function firstLineOfStdin(what: string): string {
  const [line = ''] = readFileSync(0, 'utf8').split(/\r?\n/)
  if (line !== '') return line
  throw new UsageFault(`${what.toLowerCase()}: without a terminal the first line of stdin is read, and there is none`)
}

function interrupted(): Refused {
  return new Refused('interrupted', 'interrupted', 130)
}
