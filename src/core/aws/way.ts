/** A way into a tree of XML as authors write it: `DefaultCacheBehavior.TargetOriginId`, `Origins.Items.Origin[Id=web].OriginPath`. */
import type { XmlNode } from './xml.ts'

interface Part {
  readonly name: string
  /** Only elements with a child of this name and text. */
  readonly where: { readonly name: string; readonly text: string } | null
}

const whole = /^[A-Za-z]\w*(?:\[[A-Za-z]\w*=[^\]]+\])?(?:\.[A-Za-z]\w*(?:\[[A-Za-z]\w*=[^\]]+\])?)*$/
const part = /([A-Za-z]\w*)(?:\[([A-Za-z]\w*)=([^\]]+)\])?(?:\.|$)/g

export function isWay(text: string): boolean {
  return whole.test(text)
}

/** Every element there. */
export function elementsAt(root: XmlNode, way: string): readonly XmlNode[] {
  return partsOf(way).reduce<readonly XmlNode[]>(
    (nodes, each) => nodes.flatMap(({ children }) => children.filter((child) => fits(child, each))),
    [root],
  )
}

/** The tree with another text in each element there. */
export function withText(root: XmlNode, way: string, text: string): XmlNode {
  return changed(root, partsOf(way), text)
}

function changed(node: XmlNode, [first, ...rest]: readonly Part[], text: string): XmlNode {
  if (first === undefined) return { ...node, text, children: [] }
  const children = node.children.map((child) => (fits(child, first) ? changed(child, rest, text) : child))
  return { ...node, children }
}

function fits({ name, children }: XmlNode, wanted: Part): boolean {
  const { where } = wanted
  return (
    name === wanted.name &&
    (where === null || children.some((child) => child.name === where.name && child.text === where.text))
  )
}

function partsOf(way: string): readonly Part[] {
  return [...way.matchAll(part)].map(([, name = '', key, value]) => ({
    name,
    where: key === undefined || value === undefined ? null : { name: key, text: value },
  }))
}
