/** Rules on the form of a document: boxes that are no boxes, what stands there twice, a list of contents that is not true. */
import type { LimitStatement } from './limit-statements.ts'
import { limitStatements } from './limit-statements.ts'
import { shown, type TextRule } from './text-rule.ts'
import type { TextHeading, TextItem } from './text-document.ts'

const preTicked: TextRule = ({ items, isDeclared }, report) => {
  if (isDeclared) return
  const ticked = items.filter((item) => item.isTicked)
  const [first] = ticked
  if (!first) return
  const tasks = items.filter((item) => item.isTask).length
  report('pre-ticked', first.line, {
    found: `${ticked.length} of ${tasks} boxes ticked before anybody has begun, the first: "${shown(first.text, 50)}"`,
    expected: 'empty boxes in a checklist; what is always true is no step',
    example: '- [ ] All tests pass',
  })
}

/** A field or a choice has a value; a tick says nothing about it. */
const boxIsAField: TextRule = ({ items, isDeclared }, report) => {
  if (isDeclared) return
  const nests = Map.groupBy(
    items.filter((item) => item.isTask && isField(item)),
    (item) => item.parent ?? item,
  )
  for (const [owner, fields] of nests) {
    const [first] = fields
    if (!first) continue
    const names = fields.map(({ text }) => text.split(':')[0]?.trim() ?? '').slice(0, 5)
    report('box-is-a-field', first.line, {
      found:
        owner === first
          ? `a box in front of a value: "${shown(first.text, 60)}"`
          : `${names.length === 1 ? 'a box' : 'boxes'} in front of values (${names.join(', ')}) under "${shown(owner.text, 40)}"`,
      expected: 'fields with a type, or an answer; who answered and when is recorded anyway',
      example: '```yaml fields\nresponse-time: { type: number, unit: ms }\n```',
    })
  }
}

function isField({ text }: TextItem): boolean {
  return (
    /:\s*[\\_.…]{3,}/.test(text) ||
    /\bYes\s*\/\s*No\b/i.test(text) ||
    /^(?:name|date|signature|signed by|approved by)\s*:\s*$/i.test(text)
  )
}

/** Beside their numbers: "error rate < 1 %" stands in each stage with reason. */
const repeatedItem: TextRule = (document, report) => {
  const limits = new Set(limitStatements(document).map(({ line }: LimitStatement) => line))
  const parents = new Set(document.items.map(({ parent }) => parent))
  const seen = new Map<string, TextItem>()
  for (const item of document.items) {
    if (
      !item.isTask ||
      parents.has(item) ||
      /:\s*$/.test(item.text) ||
      limits.has(item.line) ||
      item.path.some((title) => /\d{1,3}\s*%|\bstage\b/i.test(title))
    )
      continue
    const key = keyOf(item)
    const before = key === null ? undefined : seen.get(key)
    if (key === null) continue
    if (!before) seen.set(key, item)
    else if (before.path.join('/') !== item.path.join('/')) {
      report('repeated-item', item.line, {
        found: `"${shown(item.text, 60)}", which line ${before.line} asks for as well: "${shown(before.text, 60)}"`,
        expected: 'one check, and a word in the second place that says why it is looked at again',
        example: '- [ ] All pods healthy, again after the rollout',
      })
    }
  }
}

const emptyWords = new Set(
  'a an and are all as at be been by check checked confirm correct correctly current each ensure for from has have healthy in is it make new no not of ok on or still sure that the this to up verified verify was were with works working'.split(
    ' ',
  ),
)

/** The words that carry meaning, without their endings, in any order. Numbers of a status do not count. */
function keyOf({ text, parent }: TextItem): string | null {
  const all = text
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ')
    .split(/[^\p{L}\p{N}/.-]+/u)
    .filter((word) => word !== '' && !/^\d+$/.test(word) && !emptyWords.has(word))
  const words = [...new Set(all.map((word) => word.replace(/(?:ies|es|s|ed|ing)$/, '')))].sort()
  // A short line under another is only understood with it: "Login" under "User flows".
  const isShort = words.length < (parent ? 3 : 2)
  return isShort ? null : words.join(' ')
}

/** Sections in different places may share a title; twice in one place, nobody can point at one of them. */
const duplicateHeading: TextRule = ({ headings }, report) => {
  const seen = new Map<string, TextHeading>()
  for (const heading of headings) {
    const key = [...heading.path, heading.level, heading.title.toLowerCase()].join('\n')
    const before = seen.get(key)
    if (!before) seen.set(key, heading)
    else if (heading.title !== '') {
      report('duplicate-heading', heading.line, {
        found: `the heading "${shown(heading.title)}", which stands in line ${before.line} of the same section already`,
        expected: 'titles that differ, so that links and steps can name one of them',
        example: `## ${shown(heading.title, 40)}: second part`,
      })
    }
  }
}

const contentsOutOfDate: TextRule = (document, report) => {
  const { headings, lines, prose } = document
  const links = prose.flatMap(({ text, line }) => {
    const match = /^\s*(?:[-*+]|\d+[.)])\s+\[([^\]]+)\]\(#([^)\s]+)\)\s*$/.exec(text.slice(0, 500))
    return match ? [{ title: match[1] ?? '', anchor: decoded(match[2] ?? ''), line }] : []
  })
  const [first] = links
  const last = links.at(-1)
  if (!first || !last || links.length < 3 || last.line - first.line > 2 * links.length + 10) return
  const anchors = anchorsOf(headings)
  const explicit = new Set([...lines.join('\n').matchAll(/<a\s+(?:name|id)=["']([^"']+)/g)].map((match) => match[1]))
  for (const { title, line } of links.filter((each) => !anchors.has(each.anchor) && !explicit.has(each.anchor))) {
    report('contents-out-of-date', line, {
      found: `"${shown(title)}" in the contents, and no section of that name`,
      expected: 'the titles as they are, or no list: it can be made from the headings',
      example: `- [${headings[1]?.title ?? 'Rollback'}](#${slugOf(headings[1]?.title ?? 'Rollback')})`,
    })
  }
  missingSections(document.headings, links, report)
}

function missingSections(
  headings: readonly TextHeading[],
  links: readonly { readonly anchor: string; readonly line: number }[],
  report: Parameters<TextRule>[1],
): void {
  const named = new Set(links.map(({ anchor }) => anchor))
  const levels = headings.filter(({ title }) => named.has(slugOf(title))).map(({ level }) => level)
  const top = Math.min(...levels)
  const last = links.at(-1)?.line ?? 0
  const missing = headings.filter(({ level, title, line }) => level === top && line > last && !named.has(slugOf(title)))
  if (missing.length === 0 || levels.length < 2) return
  report('contents-out-of-date', last, {
    found: `contents without ${missing
      .slice(0, 5)
      .map(({ title }) => `"${shown(title, 40)}"`)
      .join(', ')}`,
    expected: 'all sections of that level, or no list: it can be made from the headings',
    example: `- [${missing[0]?.title}](#${slugOf(missing[0]?.title ?? '')})`,
  })
}

function anchorsOf(headings: readonly TextHeading[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  const anchors = new Set<string>()
  for (const { title } of headings) {
    const slug = slugOf(title)
    const before = counts.get(slug) ?? 0
    counts.set(slug, before + 1)
    anchors.add(before === 0 ? slug : `${slug}-${before}`)
  }
  return anchors
}

/** As code hosts make anchors of titles. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

function decoded(anchor: string): string {
  try {
    return decodeURIComponent(anchor).toLowerCase()
  } catch {
    return anchor.toLowerCase()
  }
}

export const structureRules: readonly TextRule[] = [
  preTicked,
  boxIsAField,
  repeatedItem,
  duplicateHeading,
  contentsOutOfDate,
]
