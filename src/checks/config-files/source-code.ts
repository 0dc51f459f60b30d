/** Source code: which environment variables it reads, and whether a secret stands in it. */
import { glob } from 'node:fs/promises'
import { join, matchesGlob, normalize } from 'node:path'
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { variablesIn, whyNoneRead } from '../docs-text/variables.ts'
import { ConfigFault, fill } from '../parts/fields.ts'
import { readText } from '../parts/read-text.ts'
import { secretInCode } from '../parts/secret-shapes.ts'
import { settingAt } from './settings.ts'

const mostFiles = 20_000
const passedOver = ['node_modules', '.git']

/** A pattern that names nothing is a slip of the checklist, and no proof. */
export async function codeFiles(patterns: readonly string[], powers: CheckPowers): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const pattern of patterns) {
    const name = fill(pattern, powers.variables)
    let count = 0
    for await (const entry of glob(name, {
      cwd: powers.root,
      withFileTypes: true,
      exclude: (one) => passedOver.includes(one.name),
    })) {
      powers.signal.throwIfAborted()
      if (!entry.isFile()) continue
      count += 1
      found.add(normalize(join(entry.parentPath, entry.name)).slice(powers.root.length + 1))
      if (found.size > mostFiles) throw new ConfigFault(`${name} names more than ${mostFiles} files`)
    }
    if (count === 0) throw new ConfigFault(`there is no file ${name}`)
  }
  return [...found].toSorted()
}

export async function undeclaredVariables(
  files: readonly string[],
  tree: Json,
  elsewhere: readonly string[],
  { root, signal }: CheckPowers,
): Promise<readonly string[]> {
  const problems: string[] = []
  const read = new Set<string>()
  for (const file of files) {
    signal.throwIfAborted()
    for (const name of variablesIn(await readText({ root, variables: {} }, file))) {
      read.add(name)
      if (!elsewhere.includes(name) && settingAt(tree, name) === undefined)
        problems.push(`${file} reads ${name}, which is not set`)
    }
  }
  const none = whyNoneRead(read.size, files.slice(0, 3))
  if (none !== null) throw new ConfigFault(none)
  return problems
}

/** With the line, never with what stands there. Files that are no text are passed over; `looked` counts the others, also those that are excepted by name. */
export async function secretsInCode(
  files: readonly string[],
  except: readonly string[],
  { root, signal }: CheckPowers,
): Promise<{ readonly problems: readonly string[]; readonly looked: number }> {
  const problems: string[] = []
  let looked = 0
  for (const file of files) {
    signal.throwIfAborted()
    if (except.some((pattern) => file === pattern || matchesGlob(file, pattern))) {
      looked += 1
      continue
    }
    const text = await readText({ root, variables: {} }, file)
    if (text.includes('\0')) continue
    looked += 1
    for (const [at, line] of text.split('\n').entries()) {
      const what = secretInCode(line.slice(0, 4_000))
      if (what !== null) problems.push(`${file}:${at + 1} holds what looks like ${what}`)
    }
  }
  return { problems, looked }
}
