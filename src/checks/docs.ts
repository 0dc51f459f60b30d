/** `yaml check kind: docs`: pages are there, have their sections, lead somewhere, name what the code reads, and the service has the routes that they document. */
import { glob } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { type Page, readPage } from './docs-text/page.ts'
import { isNamedIn, variablesIn, whyNoneRead } from './docs-text/variables.ts'
import { openApiField, type OpenApiReading, openApiSecrets, readAgainstLive } from './openapi-document/settings.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, fill, pathUnder } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { readText } from './parts/read-text.ts'
import { oneLine } from './parts/say.ts'

const patterns = z.array(z.string().min(1)).min(1)

const config = z.strictObject({
  files: patterns
    .optional()
    .describe(
      'Files that are there and not empty; with * at least one. That they changed since a version says `kind: git` with `changed-since: v{{ previous }}` and `changed`',
    ),
  sections: z
    .record(z.string(), patterns)
    .optional()
    .describe(
      'Headings by file; each is there, and something stands under it. A heading may go on: "1.4.0" is met by "1.4.0 - 2026-11-20"',
    ),
  links: patterns
    .optional()
    .describe('Markdown files whose links inside the repository lead to files and headings that are there'),
  variables: z
    .strictObject({
      code: patterns.describe('Files that read environment variables'),
      'named-in': patterns.describe('Pages that have to name each of them'),
      except: z.array(z.string().min(1)).default([]).describe('Names that need none'),
    })
    .optional()
    .describe('Environment variables in code against those in the docs'),
  openapi: openApiField
    .optional()
    .describe(
      'An OpenAPI document (3.x) against the service: documented routes that change nothing (GET, HEAD, OPTIONS) are asked with the examples of the document and answer, neither 404 nor 405',
    ),
})

type Config = z.infer<typeof config>

const mostFiles = 5_000

export const docs = defineCheck({
  kind: 'docs',
  summary:
    'Pages are there, have their sections, lead somewhere, name what the code reads and the routes that the service has',
  config: config.refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'expected at least one of files, sections, links, variables and openapi',
  }),
  needs: ['files', 'http', 'secret'],
  secrets: ({ openapi }) => openApiSecrets(openapi),
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: docs\nfiles: [docs/upgrade.md]\nsections: { CHANGELOG.md: ["{{ version }}"] }\nlinks: [README.md, "docs/**/*.md"]\n```',
  facts: { problems: 'int', pages: 'int', links: 'int', routes: 'int', asked: 'int' },
  async run(given, powers) {
    const pages = new Map<string, Page>()
    const looked = { links: 0 }
    const problems = [
      ...(await missingFiles(given, powers)),
      ...(await missingSections(given, pages, powers)),
      ...(await deadLinks(given, pages, looked, powers)),
      ...(await unnamedVariables(given, powers)),
    ]
    const live = given.openapi === undefined ? null : await readAgainstLive(given.openapi, powers)
    const all = [...problems, ...(live?.problems ?? [])]
    const facts = { problems: all.length, pages: pages.size, links: looked.links, routes: live?.documented ?? 0 }
    return decide(all, live, { ...facts, asked: live?.asked ?? 0 }, powers)
  },
})

function decide(
  problems: readonly string[],
  live: OpenApiReading | null,
  facts: Readonly<Record<string, number>>,
  powers: CheckPowers,
): CheckResult {
  const doubts = live?.doubts ?? []
  const lines = [...problems, ...doubts, ...(live?.lines ?? [])]
  const evidence = textEvidence('docs.txt', lines.length === 0 ? '' : `${lines.join('\n')}\n`)
  if (problems.length > 0) return { outcome: 'failed', say: firstOf(problems), evidence, facts }
  if (doubts.length > 0) return { outcome: 'inconclusive', say: firstOf(doubts), evidence, facts }
  const routes = live === null ? '' : `${facts['routes']} documented routes, ${facts['asked']} asked, `
  return judged(powers, facts, {
    say: `${facts['pages']} pages, ${facts['links']} links, ${routes}nothing amiss`,
    evidence,
  })
}

function firstOf(problems: readonly string[]): string {
  const more = problems.length > 3 ? ` and ${problems.length - 3} more` : ''
  return oneLine(`${problems.slice(0, 3).join('; ')}${more}`)
}

async function filesOf(pattern: string, powers: CheckPowers): Promise<readonly string[]> {
  const name = fill(pattern, powers.variables)
  if (!name.includes('*')) return (await pathUnder(powers, pattern)) === null ? [] : [normalize(name)]
  const found: string[] = []
  for await (const entry of glob(name, {
    cwd: powers.root,
    withFileTypes: true,
    exclude: (one) => one.name === 'node_modules' || one.name === '.git',
  })) {
    if (entry.isFile()) found.push(normalize(join(entry.parentPath, entry.name)).slice(powers.root.length + 1))
    if (found.length > mostFiles) throw new ConfigFault(`${name} names more than ${mostFiles} files`)
  }
  return found.toSorted()
}

/** A pattern that names nothing is a slip of the checklist, and no proof. */
async function someOf(list: readonly string[], powers: CheckPowers): Promise<readonly string[]> {
  const found = await Promise.all(list.map((pattern) => filesOf(pattern, powers)))
  const empty = list[found.findIndex((files) => files.length === 0)]
  if (empty !== undefined) throw new ConfigFault(`there is no file ${fill(empty, powers.variables)}`)
  return [...new Set(found.flat())]
}

async function missingFiles({ files = [] }: Config, powers: CheckPowers): Promise<readonly string[]> {
  const problems: string[] = []
  for (const pattern of files) {
    const found = await filesOf(pattern, powers)
    if (found.length === 0) problems.push(`there is no ${fill(pattern, powers.variables)}`)
    for (const name of found) if ((await plainText(powers, name)).trim() === '') problems.push(`${name} is empty`)
  }
  return problems
}

async function missingSections(
  { sections = {} }: Config,
  pages: Map<string, Page>,
  powers: CheckPowers,
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const [pattern, wanted] of Object.entries(sections))
    for (const file of await someOf([pattern], powers)) {
      const { headings } = await pageOf(file, pages, powers)
      for (const section of wanted) {
        const title = fill(section, powers.variables)
        const heading = headings.find(({ text }) => isTitle(text, title))
        if (!heading) problems.push(`${file} has no section "${title}"`)
        else if (!heading.isFilled) problems.push(`${file}:${heading.line} nothing stands under "${heading.text}"`)
      }
    }
  return problems
}

/** In brackets or with a v or not; what follows begins a word of its own. */
function isTitle(text: string, title: string): boolean {
  const plain = text
    .toLowerCase()
    .replaceAll(/[[\]]/g, '')
    .replace(/^v(?=\d)/, '')
  const wanted = title.toLowerCase().replace(/^v(?=\d)/, '')
  return plain === wanted || (plain.startsWith(wanted) && !/[\w.]/.test(plain[wanted.length] ?? ''))
}

async function deadLinks(
  given: Config,
  pages: Map<string, Page>,
  looked: { links: number },
  powers: CheckPowers,
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const file of given.links === undefined ? [] : await someOf(given.links, powers)) {
    powers.signal.throwIfAborted()
    const page = await pageOf(file, pages, powers)
    for (const { to, line } of page.links) {
      if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(to)) continue
      looked.links += 1
      const why = await whyDead(to, file, pages, powers)
      if (why !== null) problems.push(`${file}:${line} ${to}: ${why}`)
    }
  }
  return problems
}

async function whyDead(
  to: string,
  from: string,
  pages: Map<string, Page>,
  powers: CheckPowers,
): Promise<string | null> {
  const [before = '', anchor = ''] = to.split('#')
  const path = decoded(before.split('?')[0] ?? '')
  const file = path === '' ? from : normalize(path.startsWith('/') ? path.slice(1) : join(dirname(from), path))
  const real = file.startsWith('..') ? null : await pathUnder({ root: powers.root, variables: {} }, file)
  if (real === null) return file.startsWith('..') ? 'it leads out of the repository' : 'there is no such file'
  if (anchor === '' || !/\.(?:md|markdown)$/i.test(file)) return null
  const { anchors } = await pageOf(file, pages, powers)
  return anchors.has(decoded(anchor)) || anchors.has(decoded(anchor).toLowerCase()) ? null : 'there is no such heading'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function unnamedVariables({ variables }: Config, powers: CheckPowers): Promise<readonly string[]> {
  if (variables === undefined) return []
  const pages = await texts(await someOf(variables['named-in'], powers), powers)
  const problems: string[] = []
  const read = new Set<string>()
  for (const file of await someOf(variables.code, powers))
    for (const name of variablesIn(await plainText(powers, file))) {
      read.add(name)
      if (!variables.except.includes(name) && !pages.some((text) => isNamedIn(name, text)))
        problems.push(`${file} reads ${name}, which is not documented`)
    }
  const none = whyNoneRead(read.size, variables.code)
  if (none !== null) throw new ConfigFault(none)
  return problems
}

async function texts(names: readonly string[], powers: CheckPowers): Promise<readonly string[]> {
  return Promise.all(names.map((name) => plainText(powers, name)))
}

async function pageOf(file: string, pages: Map<string, Page>, powers: CheckPowers): Promise<Page> {
  const page = pages.get(file) ?? readPage(await plainText(powers, file))
  pages.set(file, page)
  return page
}

/** Of a file that was found: nothing in its name is a variable. */
function plainText({ root }: CheckPowers, name: string): Promise<string> {
  return readText({ root, variables: {} }, name)
}
