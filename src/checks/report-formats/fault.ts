/** A report that is none: cut off, of another tool, or of a form that is not read. */

export class ReportFault extends Error {
  override name = 'ReportFault'
}

export type Tree = Readonly<Record<string, unknown>>

/** JSON that is an object or a list, anything else is a fault. */
export function readJson(text: string): Tree | readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ReportFault(`it is not JSON: ${(cause as Error).message.split('\n')[0]}`, { cause })
  }
  if (typeof value === 'object' && value !== null) return value as Tree | readonly unknown[]
  throw new ReportFault('it is neither an object nor a list')
}

export function treeOf(value: unknown): Tree | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : null
}

/** The members of a list that are objects; a fault where a list is expected and something else is there. */
export function treesIn(value: unknown, what: string): readonly Tree[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new ReportFault(`${what} is no list`)
  return value.map((item) => {
    const tree = treeOf(item)
    if (tree === null) throw new ReportFault(`${what} holds something that is no object`)
    return tree
  })
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
