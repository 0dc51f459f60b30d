/** How much of the code tests went through, as LCOV, Cobertura and JaCoCo write it. */
import { readTags, type Tag } from '../parts/xml.ts'
import { ReportFault } from './fault.ts'

export interface Share {
  readonly covered: number
  readonly total: number
}

export interface CoveredFile {
  readonly name: string
  readonly lines: Share
  readonly branches: Share
}

export type CoverageFormat = 'lcov' | 'cobertura' | 'jacoco'

export const coverageReaders: Readonly<Record<CoverageFormat, (text: string) => readonly CoveredFile[]>> = {
  lcov: readLcov,
  cobertura: readCobertura,
  jacoco: readJacoco,
}

interface Counting {
  name: string
  lines: { covered: number; total: number }
  branches: { covered: number; total: number }
}

const empty = (name: string): Counting => ({
  name,
  lines: { covered: 0, total: 0 },
  branches: { covered: 0, total: 0 },
})

/** geninfo(1): a record per file, from SF to end_of_record; the lines themselves are counted, not what it says of them. */
function readLcov(text: string): readonly CoveredFile[] {
  const files: Counting[] = []
  let open: Counting | null = null
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const [key, value] = colon < 0 ? [line.trim(), ''] : [line.slice(0, colon), line.slice(colon + 1)]
    if (key === 'SF') open = empty(value)
    else if (key === 'end_of_record') {
      if (open === null) throw new ReportFault('a record ends that never began')
      files.push(open)
      open = null
    } else if (open !== null && key === 'DA') add(open.lines, Number(value.split(',')[1]) > 0)
    else if (open !== null && key === 'BRDA') add(open.branches, Number(value.split(',')[3]) > 0)
  }
  if (open !== null) throw new ReportFault(`the record of ${open.name} has no end: the file is cut off`)
  if (files.length === 0) throw new ReportFault('it holds no record, which begins with SF:')
  return files
}

function add(share: { covered: number; total: number }, isCovered: boolean): void {
  share.total += 1
  if (isCovered) share.covered += 1
}

/** Lines of classes; those of methods are the same ones again. */
function readCobertura(text: string): readonly CoveredFile[] {
  const files = new Map<string, Counting>()
  let open: Counting | null = null
  readTags(withoutDoctype(text), (tag) => {
    if (tag.path.length === 0 && tag.name !== 'coverage') throw otherRoot(tag, 'Cobertura')
    if (tag.name === 'class') open = within(files, tag.attributes['filename'] ?? '')
    const isOfClass = tag.name === 'line' && tag.path.at(-1) === 'lines' && tag.path.at(-2) === 'class'
    if (!isOfClass || open === null) return
    add(open.lines, Number(tag.attributes['hits']) > 0)
    const taken = /\((\d+)\/(\d+)\)/.exec(tag.attributes['condition-coverage'] ?? '')
    if (taken === null) return
    open.branches.covered += Number(taken[1])
    open.branches.total += Number(taken[2])
  })
  return [...files.values()]
}

/** Counters of source files. */
function readJacoco(text: string): readonly CoveredFile[] {
  const files = new Map<string, Counting>()
  const place = { package: '', file: '' }
  readTags(withoutDoctype(text), (tag) => {
    if (tag.path.length === 0 && tag.name !== 'report') throw otherRoot(tag, 'JaCoCo')
    if (tag.name === 'package') place.package = tag.attributes['name'] ?? ''
    if (tag.name === 'sourcefile') place.file = `${place.package}/${tag.attributes['name'] ?? ''}`
    if (tag.name !== 'counter' || tag.path.at(-1) !== 'sourcefile') return
    const file = within(files, place.file)
    const share =
      tag.attributes['type'] === 'LINE' ? file.lines : tag.attributes['type'] === 'BRANCH' ? file.branches : null
    if (share === null) return
    share.covered += Number(tag.attributes['covered'] ?? 0)
    share.total += Number(tag.attributes['covered'] ?? 0) + Number(tag.attributes['missed'] ?? 0)
  })
  return [...files.values()]
}

function within(files: Map<string, Counting>, name: string): Counting {
  const file = files.get(name) ?? empty(name)
  files.set(name, file)
  return file
}

/** Both formats open with one that only names their grammar. */
function withoutDoctype(text: string): string {
  return text.replace(/<!DOCTYPE [^>[]*>/, '')
}

function otherRoot({ name }: Tag, format: string): ReportFault {
  return new ReportFault(`<${name.slice(0, 40)}> is not how a report of ${format} begins`)
}

/** Nothing to cover is covered. */
export function percentOf({ covered, total }: Share): number {
  return total === 0 ? 100 : (100 * covered) / total
}

export function together(files: readonly CoveredFile[], part: 'lines' | 'branches'): Share {
  return files.reduce(
    (sum, file) => ({ covered: sum.covered + file[part].covered, total: sum.total + file[part].total }),
    { covered: 0, total: 0 },
  )
}
