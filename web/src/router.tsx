/** Addresses and pages: which page an address means, and going from one to another without asking the server. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export type Place =
  | { readonly page: 'board' }
  | { readonly page: 'release'; readonly id: string }
  | { readonly page: 'sign-in' | 'setup' | 'welcome' }
  | { readonly page: 'passkeys' }
  | { readonly page: 'nowhere' }

export function placeOf(path: string): Place {
  if (path === '/') return { page: 'board' }
  const release = /^\/releases\/([^/]+)$/.exec(path)?.[1]
  if (release !== undefined) return { page: 'release', id: decodeURIComponent(release) }
  if (path === '/passkeys') return { page: 'passkeys' }
  if (path === '/sign-in' || path === '/setup' || path === '/welcome')
    return { page: path.slice(1) as 'sign-in' | 'setup' | 'welcome' }
  return { page: 'nowhere' }
}

export const releasePath = (id: string): string => `/releases/${encodeURIComponent(id)}`

const MOVED = 'holdpoint:moved'

export function go(path: string, options: { readonly instead?: boolean } = {}): void {
  if (options.instead === true) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  window.dispatchEvent(new Event(MOVED))
  if (options.instead !== true) window.scrollTo(0, 0)
}

export function usePlace(): Place {
  const [path, setPath] = useState(location.pathname)
  useEffect(() => {
    const moved = (): void => setPath(location.pathname)
    window.addEventListener('popstate', moved)
    window.addEventListener(MOVED, moved)
    return () => {
      window.removeEventListener('popstate', moved)
      window.removeEventListener(MOVED, moved)
    }
  }, [])
  return placeOf(path)
}

interface LinkProps {
  readonly to: string
  readonly class?: string
  readonly label?: string
  readonly children: ComponentChildren
}

/** A real link, so that it opens in a new tab too; a plain click stays in this document. */
export function Link({ to, label, children, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    go(to)
  }
  return (
    <a href={to} onClick={onClick} aria-label={label} {...rest}>
      {children}
    </a>
  )
}
