/** Which fences are blocks of ours, and what they say. A fence that is nearly one is an error, never documentation. */
import type { Fence } from './document.ts'
import { parseBodyLines, parseInfoString, patternNames, type InfoAttribute, type InfoString } from './info-string.ts'
import { isNear, nearest } from './nearest.ts'
import type { Problems } from './problem.ts'
import { Settings } from './settings.ts'
import { checkNames, isWord, languages, wordNames, words, type Word } from './words.ts'
import { readYaml, scalar, type Entry, type FilePlace, type Value } from './yaml.ts'

export interface ReadBlock {
  readonly word: Word
  readonly language: string
  readonly settings: Settings
  /** The code itself; empty for `yaml`, whose body is in the settings. */
  readonly body: string
  readonly place: FilePlace
  readonly endLine: number
  readonly fence: Fence
}

/** Does a plan that declares itself treat this fence as a block (or as a mistaken one)? */
export function looksExecutable(fence: Fence): boolean {
  const info = parseInfoString(fence.info, fence.line, fence.infoColumn)
  return info.word !== null && isWord(info.word) && languages.includes(info.language)
}

/** null = documentation, or so wrong that nothing can be made of it; then the problems say so. */
export function readBlock(fence: Fence, problems: Problems): ReadBlock | null {
  const info = parseInfoString(fence.info, fence.line, fence.infoColumn)
  const place: FilePlace = { file: problems.file, line: fence.line, column: fence.infoColumn }
  const word = wordOf(info, place, problems)
  if (word === null) return null
  if (!fence.closed) {
    problems.error('fence-not-closed', place, {
      found: `a "${info.language} ${word}" block that is never closed`,
      expected: 'a line with the closing marks, indented like the opening line',
      example: '```',
    })
    return null
  }
  for (const fault of info.faults) {
    problems.error(
      'bad-info-string',
      { ...place, column: fault.column },
      {
        found: `"${fault.found.slice(0, 60)}" after "${info.language} ${word}"`,
        expected: 'name, name=value, name="a value with spaces" or match=/pattern/',
        example: '```sh check timeout=10m forbid=/ERROR/',
      },
    )
  }
  if (info.faults.length > 0) return null
  return withBody(fence, info, word, place, problems)
}

function withBody(fence: Fence, info: InfoString, word: Word, place: FilePlace, problems: Problems): ReadBlock | null {
  const what = `a "${info.language} ${word}" block`
  const entries = new Map<string, Entry>()
  addAttributes(entries, info.attributes, what, problems)
  if (info.language === 'yaml') {
    const value = readYaml(fence.body, { ...place, line: fence.line + 1, column: 1 }, problems)
    if (!value) return null
    for (const [name, entry] of value.entries) addEntry(entries, name, entry, what, problems)
    return {
      word,
      language: 'yaml',
      settings: new Settings(what, place, entries, problems),
      body: '',
      place,
      endLine: fence.endLine,
      fence,
    }
  }
  const lines = parseBodyLines(fence.body, fence.line + 1, isBodyName(info.language))
  addAttributes(entries, lines.attributes, what, problems)
  if (lines.body.trim() === '' && word !== 'notify') {
    problems.error('empty-body', place, {
      found: `${what} with nothing in it`,
      expected: 'what it does, between its opening and its closing line',
      example: words[word].example,
    })
    return null
  }
  return {
    word,
    language: info.language,
    settings: new Settings(what, place, entries, problems),
    body: lines.body,
    place,
    endLine: fence.endLine,
    fence,
  }
}

/** Requests and messages have `# @` or `#` lines of their own. */
function isBodyName(language: string): (name: string) => boolean {
  if (language === 'http') return (name) => checkNames.includes(name) || name === 'retry-for' || name === 'matrix'
  if (language === 'md') return (name) => ['on', 'to', 'every', 'when', 'id'].includes(name)
  return () => true
}

function addAttributes(
  entries: Map<string, Entry>,
  attributes: readonly InfoAttribute[],
  what: string,
  problems: Problems,
): void {
  for (const { name, value, line, column } of attributes) {
    const place = { file: problems.file, line, column }
    const before = patternNames.has(name) ? entries.get(name) : undefined
    if (before === undefined) addEntry(entries, name, { place, value: scalar(value, place) }, what, problems)
    else entries.set(name, withAnother(before, scalar(value, place)))
  }
}

function withAnother({ place, value: before }: Entry, one: Value): Entry {
  const items = before.kind === 'list' ? before.items : [before]
  return { place, value: { kind: 'list', items: [...items, one], place } }
}

function addEntry(entries: Map<string, Entry>, name: string, entry: Entry, what: string, problems: Problems): void {
  if (entries.has(name)) {
    problems.error('duplicate-attribute', entry.place, {
      found: `"${name}" a second time in ${what}`,
      expected: 'each name once',
      example: `${name}=…`,
    })
    return
  }
  entries.set(name, entry)
}

function wordOf(info: InfoString, place: FilePlace, problems: Problems): Word | null {
  const { language, word } = info
  if (word === null) return null
  if (isWord(word)) {
    const rule = words[word]
    if (rule.languages.includes(language)) return word
    if (languages.includes(language)) {
      problems.error('wrong-language', place, {
        found: `"${word}" in the language "${language}"`,
        expected: `one of: ${rule.languages.join(', ')}`,
        example: rule.example,
      })
    } else {
      problems.error('unknown-language', place, {
        found: `unknown language "${language}" before "${word}"`,
        expected: nearest(language, rule.languages),
        example: rule.example,
      })
    }
    return null
  }
  if (!languages.includes(language) || !/^[A-Za-z][\w-]*$/.test(word)) {
    if (isNear(word, wordNames) && isNear(language, languages)) {
      problems.error('unknown-language', place, {
        found: `unknown language "${language}" and word "${word}"`,
        expected: nearest(language, languages),
        example: '```sh check timeout=10m',
      })
    }
    return null
  }
  const fitting = wordNames.filter((each) => words[each].languages.includes(language))
  const known = fitting.some((each) => isNear(word, [each])) ? fitting : wordNames
  const first = nearest(word, known).split(',')[0] ?? ''
  problems.error('unknown-word', place, {
    found: `unknown word "${word}" after the language "${language}"`,
    expected: nearest(word, known),
    example: `\`\`\`${language} ${isWord(first) ? first : (fitting[0] ?? 'check')}`,
  })
  return null
}
