/** A component that is drawn again only when one of its properties is another one. */
import { Component, type ComponentType, type FunctionComponent, h } from 'preact'

export function memo<P extends object>(draw: FunctionComponent<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const before = this.props as Readonly<Record<string, unknown>>
      const after = next as Readonly<Record<string, unknown>>
      const names = new Set([...Object.keys(before), ...Object.keys(after)])
      return [...names].some((name) => before[name] !== after[name])
    }
    override render() {
      return h(draw, this.props as P)
    }
  } as ComponentType<P>
}
