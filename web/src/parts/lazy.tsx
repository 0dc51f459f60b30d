/** A page whose code comes when it is first looked at. */
import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'

interface LazyPage<P> {
  (props: P): JSX.Element | null
  /** Fetches the code before anybody draws the page. */
  readonly ahead: () => void
}

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): LazyPage<P> {
  let known: ComponentType<P> | null = null
  function Lazy(props: P) {
    const [Page, setPage] = useState<ComponentType<P> | null>(() => known)
    const [isLost, setLost] = useState(false)
    useEffect(() => {
      if (Page !== null) return
      load().then(
        (found) => {
          known = found
          setPage(() => found)
        },
        // A newer server may have other files: the page itself has to come again.
        () => setLost(true),
      )
    }, [Page])
    if (isLost)
      return (
        <section class="quiet-page">
          <h1>This page did not arrive</h1>
          <p>The server may have been updated, or cannot be reached.</p>
          <button type="button" onClick={() => location.reload()}>
            Load it again
          </button>
        </section>
      )
    return Page === null ? null : <Page {...props} />
  }
  // Who draws it asks again, and tells what went wrong.
  Lazy.ahead = (): void =>
    void load().then(
      (found) => (known = found),
      () => {},
    )
  return Lazy
}
