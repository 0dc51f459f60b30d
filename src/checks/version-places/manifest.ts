/** Where the manifests of build tools keep their version. */
import { parse as parseToml } from 'smol-toml'
import { parseDocument } from 'yaml'
import { readTags, XmlFault } from '../parts/xml.ts'

export type Said = { readonly version: string } | { readonly why: string }

/** Places that are looked at where the author names none, in this order. */
const places: readonly (readonly string[])[] = [
  ['version'],
  ['package', 'version'],
  ['workspace', 'package', 'version'],
  ['project', 'version'],
  ['tool', 'poetry', 'version'],
  ['info', 'version'],
]

/** `place` = names with dots between them, such as `info.version`; absent = wherever such a file has it. */
export function versionIn(name: string, text: string, place?: string): Said {
  if (/\.plist$/i.test(name)) return inPropertyList(text, place ?? 'CFBundleShortVersionString')
  const read = readTree(name, text)
  if ('why' in read) return read
  const asked = place === undefined ? places : [place.split('.')]
  for (const path of asked) {
    const value = at(read.tree, path)
    if (typeof value === 'string' && value !== '') return { version: value }
    if (typeof value === 'number') return { version: String(value) }
  }
  return {
    why: `there is no version at ${asked.map((path) => path.join('.')).join(', ')}; name its place as file#a.b`,
  }
}

function readTree(name: string, text: string): { readonly tree: unknown } | { readonly why: string } {
  try {
    if (/\.toml$/i.test(name)) return { tree: parseToml(text) }
    if (/\.ya?ml$/i.test(name)) return fromYaml(text)
    if (/\.json$/i.test(name)) return { tree: JSON.parse(text) as unknown }
    return { why: 'expected a file that ends in .json, .toml, .yaml or .plist' }
  } catch (fault) {
    return { why: `it cannot be read: ${(fault as Error).message.split('\n')[0]}` }
  }
}

/** 1.10 is the text 1.10 and not the number 1.1. */
function fromYaml(text: string): { readonly tree: unknown } | { readonly why: string } {
  const document = parseDocument(text, { schema: 'failsafe' })
  const [error] = document.errors
  return error === undefined
    ? { tree: document.toJS({ maxAliasCount: 100 }) as unknown }
    : { why: `it cannot be read: ${error.message.split('\n')[0]}` }
}

function at(tree: unknown, path: readonly string[]): unknown {
  let value = tree
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

/** The text behind a key of a property list in XML. */
function inPropertyList(text: string, key: string): Said {
  try {
    // A list of Apple opens with a DOCTYPE of theirs, which says nothing.
    const body = text.replace(/<!DOCTYPE plist[^>[]*>/, '')
    readTags(body, () => {})
    const after = body.indexOf(`<key>${key}</key>`)
    const version =
      after < 0 ? undefined : /^<key>[^<]*<\/key>\s*<string>([^<&]+)<\/string>/.exec(body.slice(after))?.[1]
    return version === undefined ? { why: `there is no ${key}` } : { version }
  } catch (fault) {
    if (fault instanceof XmlFault) return { why: `it cannot be read: ${fault.message}` }
    throw fault
  }
}
