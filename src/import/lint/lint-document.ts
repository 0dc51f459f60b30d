/** Everything that is wrong with a document: what the plan's linter says of a checklist, and what the text of any document shows. */
import type { Compiled, Document } from '../../core/plan/compile.ts'
import type { Kinds } from '../../core/plan/kinds.ts'
import { lint } from '../../core/plan/lint.ts'
import type { Problem } from '../../core/plan/plan.ts'
import { Problems } from '../../core/plan/problem.ts'
import { readDocument } from '../../core/plan/reader.ts'
import { readText } from '../../core/plan/text.ts'
import { decode } from '../encoding.ts'
import { meaningRules } from './command-meaning.ts'
import { goingBackRules } from './going-back.ts'
import { knownCommandRules } from './known-commands.ts'
import { limitRules } from './limits.ts'
import { structureRules } from './structure.ts'
import { textDocument } from './text-document.ts'
import type { TextRule } from './text-rule.ts'
import { timeRules } from './times.ts'
import { wordingRules } from './wording.ts'

export interface Linted extends Compiled {
  /** It says `holdpoint: 1`. Without it the document is a team's own, and only its text is looked at. */
  readonly isDeclared: boolean
}

const rules: readonly TextRule[] = [
  ...meaningRules,
  ...knownCommandRules,
  ...goingBackRules,
  ...limitRules,
  ...timeRules,
  ...structureRules,
  ...wordingRules,
]

/** What keeps any document from being read, and what is said of one that seems to forget to declare itself. */
const toldOfAnyDocument = new Set(['too-large', 'not-text', 'wrong-encoding', 'too-deep', 'not-declared'])

/** `today` is the day of the reader, `2030-01-31`; null = nothing is called past. */
export function lintDocument(document: Document, kinds: Kinds, today: string | null): Linted {
  const { plan, problems } = lint(document, kinds)
  const text = readText(document.bytes, new Problems(document.file))
  if (text === null) return { plan, problems, isDeclared: false }
  const { isDeclared, found: inText } = lintText(document.file, text, today)
  const found = [...damageIn(document), ...inText]
  const ofPlan = isDeclared ? problems : problems.filter(({ code }) => toldOfAnyDocument.has(code))
  const told = new Set(ofPlan.map(({ code, line }) => `${code} ${line}`))
  const all = [...ofPlan, ...found.filter(({ code, line }) => !told.has(`${code} ${line}`))]
  return { plan, problems: all.sort((a, b) => a.line - b.line || a.column - b.column), isDeclared }
}

/** Told once, where it begins: mending one place mends all. */
function damageIn({ file, bytes }: Document): readonly Problem[] {
  const { text, encoding } = decode(bytes, false)
  if (encoding.damage === null) return []
  const mended = decode(bytes, true).text.split('\n')
  const first = text.split('\n').findIndex((line, index) => line !== mended[index])
  const found = new Problems(file)
  found.warn(
    'damaged-encoding',
    { line: Math.max(0, first) + 1, column: 1 },
    {
      found: `${encoding.damaged} places where UTF-8 was read as ${readingNames[encoding.damage]} and written again`,
      expected: 'the characters as they were; "holdpoint lint --fix" puts them back',
      example: (mended[first] ?? '').trim().slice(0, 80),
    },
  )
  return found.inOrder()
}

const readingNames = { macintosh: 'Mac Roman', 'windows-1252': 'Windows-1252', 'latin-1': 'Latin-1' } as const

/** The rules on text alone. A document too deep or too long to be read has nothing to say. */
export function lintText(
  file: string,
  text: string,
  today: string | null,
): { readonly isDeclared: boolean; readonly found: readonly Problem[] } {
  const tree = readDocument(text)
  const facts = textDocument(tree, today)
  if (tree.tooDeepAt !== null || tree.hasTooManyItems) return { isDeclared: facts.isDeclared, found: [] }
  const found = new Problems(file)
  for (const rule of rules) {
    rule(facts, (code, place, remark) => {
      const { line, column } = typeof place === 'number' ? { line: place, column: 1 } : place
      found.warn(code, { line, column }, remark)
    })
  }
  return { isDeclared: facts.isDeclared, found: found.inOrder() }
}
