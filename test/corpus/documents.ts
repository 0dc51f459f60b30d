/** The documents of other teams that importing is measured with; they lie beside the repository, not in it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const shared = fileURLToPath(new URL('../../../shared/', import.meta.url))
export const corpusFolder = join(shared, 'corpus', 'public')
export const seedsFolder = join(shared, 'seeds')

/** What an independent reader counted in a document. */
export interface Counted {
  readonly file: string
  readonly expected: {
    readonly frontMatter: number
    readonly headings: { readonly total: number }
    readonly items: { readonly total: number; readonly bullet: number; readonly ordered: number }
    readonly tasks: { readonly total: number; readonly checked: number }
    readonly codeBlocks: { readonly fenced: number; readonly indented: number; readonly insideItems: number }
    readonly tables: { readonly total: number; readonly bodyRows: number; readonly checkboxCells: number }
  }
  readonly taskLines: readonly number[]
}

/** Missing documents are said aloud, and are an error where everything has to be shown. */
export function areThere(folder: string): boolean {
  if (existsSync(folder)) return true
  if (process.env['CI'] === 'true') throw new Error(`${folder} is missing: nothing was shown`)
  process.stderr.write(`skipped: ${folder} is not there\n`)
  return false
}

export function corpus(): readonly Counted[] {
  return JSON.parse(readFileSync(join(corpusFolder, 'INDEX.json'), 'utf8')) as Counted[]
}

export function corpusBytes(file: string): Uint8Array {
  return readFileSync(join(corpusFolder, file))
}

export const seedNames = [
  '000_0233769dd9868bb3.md',
  '001_1fa73fa06f96720e.md',
  '002_309d767bbe39a550.md',
  '003_9138aabd9e9af98c.md',
  '004_b7dbff57ac33c6c2.md',
] as const

export interface Catalogued {
  readonly id: string
  readonly seed: string
  readonly line: number
  readonly line_end: number
  readonly form: string
}

export function catalogue(): readonly Catalogued[] {
  const all = JSON.parse(readFileSync(join(seedsFolder, 'catalogue.json'), 'utf8')) as unknown
  return Array.isArray(all) ? (all as Catalogued[]) : []
}

export function seedBytes(name: string): Uint8Array {
  return readFileSync(join(seedsFolder, name))
}
