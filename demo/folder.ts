/** The folder a demo release runs in: the checklist and everything its steps look at. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import type { World } from './world.ts'

/** What `--fast` says instead, by the words of `release.md`. Durations cannot be inputs: they are part of the plan. */
const faster: readonly (readonly [slow: string, fast: string])[] = [
  ['soak: 8s', 'soak: 1s'],
  ['every: 1s\n', 'every: 250ms\n'],
  ['for: 8s', 'for: 1s'],
  ['for: 2s', 'for: 500ms'],
]

export interface DemoFolder {
  readonly checklist: string
  readonly version: string
  readonly previous: string
  readonly environment: string
  /** `--set` of every input. */
  readonly inputs: Readonly<Record<string, string>>
}

export function writeDemoFolder(folder: string, world: World, options: { readonly fast: boolean }): DemoFolder {
  const { version, previous } = world.settings
  mkdirSync(join(folder, 'reports'), { recursive: true })
  const checklist = join(folder, 'release.md')
  writeFileSync(checklist, demoChecklist(options))
  writeFileSync(join(folder, 'weight.sh'), shipped('weight.sh'))
  writeFileSync(
    join(folder, 'CHANGELOG.md'),
    `# Shop\n\n## ${version}\n\n- Prices on the first page.\n\n## ${previous}\n\n- Mirrors.\n`,
  )
  writeFileSync(join(folder, 'reports', 'unit.xml'), junit())
  writeStock(join(folder, 'stock.db'))
  return {
    checklist,
    version,
    previous,
    environment: 'demo',
    inputs: {
      shop_url: world.shop,
      admin_url: world.admin,
      stable_url: world.stable,
      canary_url: world.canary,
      canary_port: new URL(world.canary).port,
      inbox_url: world.inbox,
    },
  }
}

export function demoChecklist({ fast }: { readonly fast: boolean }): string {
  const text = shipped('release.md')
  if (!fast) return text
  return faster.reduce((before, [slow, quick]) => {
    if (!before.includes(slow)) throw new Error(`bug: release.md says nowhere "${slow.trim()}"`)
    return before.replaceAll(slow, quick)
  }, text)
}

/** Files of this folder that are no program: here in a checkout, beside the package's sources once it is built. */
function shipped(name: string): string {
  const places = [`./${name}`, `../../demo/${name}`].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  for (const place of places) {
    try {
      return readFileSync(place, 'utf8')
    } catch {
      // The next place may have it.
    }
  }
  throw new Error(`${name} is missing from ${places.join(' and ')}`)
}

function junit(): string {
  const cases = ['prices are shown', 'an order is kept', 'an empty basket costs nothing', 'a removed order is gone']
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="shop" tests="${cases.length}" failures="0" errors="0" skipped="0">`,
    ...cases.map((name) => `  <testcase classname="shop" name="${name}" time="0.01"/>`),
    '</testsuite>',
    '',
  ].join('\n')
}

function writeStock(path: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec(`
      drop table if exists layout; create table layout (number integer not null); insert into layout values (12);
      drop table if exists items; create table items (name text not null, price_cents integer not null);
      insert into items values ('lamp', 4900), ('chair', 8900), ('table', 19900), ('shelf', 7900), ('mirror', 5900);
    `)
  } finally {
    database.close()
  }
}
