/** The version of this program, as its package says it, and what tells two checkouts of it apart. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The nearest package.json upwards: from `src/config` in a checkout, from `dist/src/config` in an installed package. */
export function packageFolder(from = dirname(fileURLToPath(import.meta.url))): string {
  if (existsSync(join(from, 'package.json'))) return from
  const up = dirname(from)
  if (up === from) throw new Error('bug: no package.json above the program')
  return packageFolder(up)
}

export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }
  return version
}

/**
 * Two programs of one build understand a checklist alike. A package is known by its version; in a checkout, where the
 * version stands still while people work, by the newest of the sources an engine runs.
 */
export function programBuild(): string {
  const version = programVersion()
  if (!import.meta.url.endsWith('.ts')) return version
  return `${version}+${Math.round(newestSource(join(packageFolder(), 'src'))).toString(36)}`
}

/** The command line asks and shows; an engine runs none of it. */
const NO_PART_OF_AN_ENGINE = new Set(['cli', 'test-support'])

function newestSource(folder: string): number {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      newest = NO_PART_OF_AN_ENGINE.has(entry.name) ? newest : Math.max(newest, newestSource(path))
    else if (isSource(entry.name)) newest = Math.max(newest, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  }
  return newest
}

function isSource(name: string): boolean {
  return name.endsWith('.ts') && !/\.(?:test|fixture|contract)\.ts$/.test(name)
}
