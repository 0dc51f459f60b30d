/** Each page wears only what its own sheets and the frame's define: the sheet of another page may never have been loaded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '../../web/src')
const style = join(source, 'style')
const everywhere = ['tokens.css', 'base.css', 'frame.css']

interface Sheet {
  /** Classes that rules begin with: they are styled wherever they stand. */
  readonly leads: ReadonlySet<string>
  readonly mentions: ReadonlySet<string>
}

function sheetOf(name: string): Sheet {
  const rules = readFileSync(join(style, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const found = (pattern: RegExp) => new Set([...rules.matchAll(pattern)].map(([, each = '']) => each))
  return { leads: found(/^\s*\.([a-z][a-z0-9-]*)/gm), mentions: found(/\.([a-z][a-z0-9-]*)/g) }
}

function pages(): readonly string[] {
  const app = readFileSync(join(source, 'app.tsx'), 'utf8')
  return [...app.matchAll(/import\('(\.[^']+)'\)/g)].map(([, path = '']) => join(source, path))
}

interface Loaded {
  readonly files: ReadonlySet<string>
  readonly sheets: ReadonlySet<string>
}

function loadedBy(page: string): Loaded {
  const files = new Set<string>()
  const sheets = new Set(everywhere)
  const open = [page]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file) || !existsSync(file)) continue
    files.add(file)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^']*'(\.[^']+)'/gm))
      if (path.endsWith('.css')) sheets.add(basename(path))
      else open.push(join(dirname(file), path))
  }
  return { files, sheets }
}

test('a page that is opened first looks as it does after all others', () => {
  const all = new Map(
    readdirSync(style)
      .filter((name) => name.endsWith('.css'))
      .map((name) => [name, sheetOf(name)] as const),
  )
  const strays = pages().flatMap((page) => {
    const { files, sheets } = loadedBy(page)
    const isStyled = (name: string): boolean => [...sheets].some((sheet) => all.get(sheet)?.mentions.has(name))
    const isLed = (name: string): boolean => [...all.values()].some(({ leads }) => leads.has(name))
    return [...files].flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/class="([^"]+)"/g)]
        .flatMap(([, names = '']) => names.split(' '))
        .filter((name) => isLed(name) && !isStyled(name))
        .map((name) => `${basename(page)}: .${name} of ${basename(file)}`),
    )
  })
  expect(pages().length).toBeGreaterThan(10)
  expect([...new Set(strays)]).toEqual([])
})
