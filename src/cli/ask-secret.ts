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

function firstLineOfStdin(what: string): string {
  const [line = ''] = readFileSync(0, 'utf8').split(/\r?\n/)
  if (line !== '') return line
  throw new UsageFault(`${what.toLowerCase()}: without a terminal the first line of stdin is read, and there is none`)
}

function interrupted(): Refused {
  return new Refused('interrupted', 'interrupted', 130)
}
