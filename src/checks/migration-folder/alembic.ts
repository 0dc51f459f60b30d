/** Migrations of Alembic: files of Python that name the one before them, in the order in which they run. */
import { ConfigFault } from '../parts/fields.ts'
import { dangersOfUpgrade, hasDowngrade } from './alembic-ops.ts'
import type { Migration } from './folder.ts'

/** Throws ConfigFault where a file says no revision, names one that is not there, or they go round in a circle. */
export async function alembicIn(
  files: readonly string[],
  read: (file: string) => Promise<string>,
): Promise<readonly Migration[]> {
  const found = await Promise.all(files.map(async (file) => migrationOf(file, await read(file))))
  return inTheirOrder(found.filter((migration) => migration !== null))
}

/** Null = it is no migration, such as an `__init__.py`. */
function migrationOf(file: string, source: string): Migration | null {
  const [key, ...more] = idsIn(source, 'revision') ?? []
  if (key === undefined) return null
  const parents = idsIn(source, 'down_revision')
  if (parents === null || more.length > 0)
    throw new ConfigFault(`${file} does not say its down_revision as Alembic does`)
  const needs = idsIn(source, 'depends_on') ?? []
  return {
    name: file.slice(0, -'.py'.length),
    key,
    script: source,
    back: hasDowngrade(source) ? source : null,
    checksum: null,
    repeats: false,
    dangers: dangersOfUpgrade(source),
    parents,
    needs,
  }
}

const assignments = {
  revision: /^revision\b[^=\n]*=[ \t]*(.*)$/m,
  down_revision: /^down_revision\b[^=\n]*=[ \t]*(\([^)]*\)|\[[^\]]*\]|.*)$/m,
  depends_on: /^depends_on\b[^=\n]*=[ \t]*(\([^)]*\)|\[[^\]]*\]|.*)$/m,
}

/** `None`, one text, or several in brackets; null = nothing of the sort stands there. */
function idsIn(source: string, name: keyof typeof assignments): readonly string[] | null {
  const written = assignments[name].exec(source)?.[1]?.replaceAll(/#.*$/gm, '').trim()
  if (written === undefined) return null
  if (written === 'None') return []
  const ids = [...written.matchAll(/'([^'\n]+)'|"([^"\n]+)"/g)].map(([, one, other]) => one ?? other ?? '')
  const rest = written.replaceAll(/'[^'\n]+'|"[^"\n]+"|[()[\],\s]/g, '')
  return ids.length === 0 || rest !== '' ? null : ids
}

/** What it comes after, and what else has to be there before. */
export function beforeIt({ parents = [], needs = [] }: Migration): readonly string[] {
  return [...parents, ...needs]
}

function inTheirOrder(found: readonly Migration[]): readonly Migration[] {
  const byKey = new Map(found.map((migration) => [migration.key, migration]))
  for (const migration of found) {
    const gone = beforeIt(migration).find((key) => !byKey.has(key))
    if (gone !== undefined)
      throw new ConfigFault(`${migration.name} comes after ${gone}, which the folder does not have`)
  }
  const ordered = new Set<Migration>()
  let open = found.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  while (open.length > 0) {
    const next = open.filter((migration) => beforeIt(migration).every((key) => ordered.has(byKey.get(key)!)))
    if (next.length === 0)
      throw new ConfigFault(`${open[0]?.name} comes after itself: down_revision goes round in a circle`)
    for (const migration of next) ordered.add(migration)
    open = open.filter((migration) => !ordered.has(migration))
  }
  return [...ordered]
}

/** Those that nothing comes after; more than one, and `upgrade head` does not know where to go. */
export function headsOf(folder: readonly Migration[]): readonly Migration[] {
  const followed = new Set(folder.flatMap(({ parents = [] }) => parents))
  return folder.filter(({ key }) => !followed.has(key))
}

/** Everything that has to have run where these did. */
export function withAllBefore(folder: readonly Migration[], keys: readonly string[]): ReadonlySet<string> {
  const byKey = new Map(folder.map((migration) => [migration.key, migration]))
  const all = new Set<string>()
  const open = [...keys]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (all.has(key)) continue
    all.add(key)
    const migration = byKey.get(key)
    if (migration) open.push(...beforeIt(migration))
  }
  return all
}
