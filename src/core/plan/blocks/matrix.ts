/** `matrix`: one check for each combination of some values, each a step of its own below it. */
import type { Compiling, DraftPart } from '../draft.ts'
import { releaseNames } from '../conditions.ts'
import type { ReadBlock } from '../fences.ts'
import type { CheckBlock } from '../plan.ts'
import type { Settings } from '../settings.ts'
import type { Entry, FilePlace, Value } from '../yaml.ts'

/** Values of one cell by their names. */
export type Cell = Readonly<Record<string, string>>

const mostCells = 100
const longestValue = 200
/** Small letters: what steers a shell, such as PATH, is written in large ones; programs read proxies in small ones. */
const nameForm = /^[a-z][a-z0-9_]{0,39}$/
const notForUs = /_proxy$/
const yamlForm = 'matrix: { app: [api, web], region: [eu, us] }'
const lineForm = 'matrix="app=api,web region=eu,us"'

/** The cells in the order of their values, the last name changing fastest; null = none is asked for, or it is wrong and told so. */
export function readMatrix(block: ReadBlock, compiling: Compiling): readonly Cell[] | null {
  const { settings } = block
  const entry = settings.take('matrix')
  if (entry === null) return null
  const example = block.language === 'yaml' ? yamlForm : lineForm
  const fault = (place: FilePlace, found: string, expected: string): null => {
    compiling.problems.error('bad-value', place, { found, expected, example })
    return null
  }
  if (refusesBeside(settings, fault)) return null
  const lists = listsOf(entry, (found, expected, place = entry.value.place) => fault(place, found, expected))
  if (lists === null) return null
  for (const [name, values] of lists) {
    const why = whyNotName(name, compiling) ?? whyNotValues(name, values)
    if (why !== null) return fault(entry.value.place, why.found, why.expected)
  }
  const cells = lists.reduce<readonly Cell[]>(
    (before, [name, values]) => before.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  )
  if (cells.length <= mostCells) return cells
  return fault(entry.value.place, `a matrix of ${cells.length} cells`, `at most ${mostCells}`)
}

/** The same check for each cell, called by its values. */
export function cellsOf(check: CheckBlock, cells: readonly Cell[], block: ReadBlock): readonly DraftPart[] {
  return cells.map((cell) => ({
    text: Object.values(cell).join(' '),
    line: block.place.line,
    read: (step) => {
      step.common = { ...step.common, severity: step.parent?.common.severity ?? step.common.severity }
      step.block = { ...check, matrix: cell }
    },
  }))
}

type Fault = (place: FilePlace, found: string, expected: string) => null

/** What would be one value for all cells. */
function refusesBeside(settings: Settings, fault: Fault): boolean {
  if (!settings.has('capture')) return false
  fault(
    settings.placeOf('capture'),
    `"capture" beside "matrix" in ${settings.what}`,
    'a check of its own for it, without a matrix',
  )
  return true
}

function listsOf(
  { value }: Entry,
  fault: (found: string, expected: string, place?: FilePlace) => null,
): readonly (readonly [string, readonly string[]])[] | null {
  if (value.kind === 'scalar' && value.value !== true && value.text.trim() !== '') {
    const words = value.text.trim().split(/\s+/)
    const wrong = words.find((word) => !/^[^=]+=[^=]+$/.test(word))
    if (wrong !== undefined)
      return fault(`${quoted(wrong)} in "matrix"`, 'names with their values, between commas and without spaces')
    const lists = words.map((word) => {
      const at = word.indexOf('=')
      return [word.slice(0, at), word.slice(at + 1).split(',')] as const
    })
    const twice = lists.find(([name], index) => lists.findIndex(([other]) => other === name) < index)
    return twice === undefined ? lists : fault(`"${twice[0]}" a second time in "matrix"`, 'each name once')
  }
  if (value.kind !== 'map' || value.entries.size === 0) return fault('this "matrix"', 'names with their values')
  const lists: (readonly [string, readonly string[]])[] = []
  for (const [name, { value: list, place }] of value.entries) {
    const texts = list.kind === 'list' ? list.items.map(textOf) : [null]
    if (texts.some((text) => text === null)) return fault(`"${name}" in "matrix"`, 'a list of values', place)
    lists.push([name, texts.map((text) => text ?? '')])
  }
  return lists
}

function textOf(value: Value): string | null {
  return value.kind === 'scalar' && value.value !== null ? value.text : null
}

interface Slip {
  readonly found: string
  readonly expected: string
}

function whyNotName(name: string, { declared }: Compiling): Slip | null {
  if (!nameForm.test(name) || notForUs.test(name))
    return {
      found: `the name ${quoted(name)} in "matrix"`,
      expected: 'small letters, digits and "_", not ending in _proxy',
    }
  if (Object.hasOwn(releaseNames, name) || Object.hasOwn(declared.inputs, name))
    return {
      found: `the name "${name}" in "matrix", which ${Object.hasOwn(declared.inputs, name) ? 'an input' : 'every release'} has`,
      expected: 'a name of its own, such as app or region',
    }
  return null
}

function whyNotValues(name: string, values: readonly string[]): Slip | null {
  if (values.length === 0) return { found: `no value for "${name}" in "matrix"`, expected: 'at least one' }
  const wrong = values.find((value) => value.trim() === '' || value.length > longestValue || /\p{Cc}|\{\{/u.test(value))
  if (wrong !== undefined)
    return {
      found: `the value ${quoted(wrong)} of "${name}" in "matrix"`,
      expected: 'words on one line, without {{ }}',
    }
  const twice = values.find((value, index) => values.indexOf(value) < index)
  return twice === undefined
    ? null
    : { found: `the value ${quoted(twice)} of "${name}" twice in "matrix"`, expected: 'each value once' }
}

function quoted(text: string): string {
  return `"${text.slice(0, 60)}"`
}
