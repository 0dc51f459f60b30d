/** Addresses and pages: which page an address means, and going from one to another without asking the server. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** One line for each page: its address, with `{name}` for a part that varies, and `{name*}` for all that follows. */
const addresses = {
  board: '/',
  release: '/releases/{id}',
  checklists: '/checklists',
  'checklist-import': '/checklists/import',
  sign: '/releases/{id}/sign/{step}',
  checklist: '/checklists/{project}/{name}',
  rollout: '/releases/{id}/rollout',
  records: '/records/{at*}',
  targets: '/targets',
  'sign-in': '/sign-in',
  setup: '/setup',
  welcome: '/welcome',
  enter: '/enter',
  start: '/start',
  passkeys: '/passkeys',
  audit: '/audit',
  settings: '/settings/{at*}',
  terminal: '/terminal',
} as const satisfies Readonly<Record<string, `/${string}`>>

export type PageName = keyof typeof addresses | 'nowhere'

export interface Place {
  readonly page: PageName
  /** What stands where the address varies. */
  readonly parts: Readonly<Record<string, string>>
}

const patterns = Object.entries(addresses).map(([page, address]) => ({
  page: page as PageName,
  pattern: new RegExp(
    `^${address.replaceAll(/\/\{(\w+)(\*?)\}/g, (_, name: string, all: string) => (all === '' ? `/(?<${name}>[^/]+)` : `(?:/(?<${name}>.*))?`))}$`,
  ),
}))

export function placeOf(path: string): Place {
  for (const { page, pattern } of patterns) {
    const found = pattern.exec(path)
    if (found !== null) return { page, parts: partsOf(found.groups ?? {}) }
  }
  return { page: 'nowhere', parts: {} }
}

function partsOf(found: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(found).map(([name, text]) => [name, decoded(text ?? '')]))
}

/** An address that somebody mistyped is shown as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const releasePath = (id: string): string => `/releases/${encodeURIComponent(id)}`
/** Where one step of it is signed, also on a phone. */
export const signPath = (id: string, step: string): string => `${releasePath(id)}/sign/${encodeURIComponent(step)}`
export const rolloutPath = (id: string): string => `${releasePath(id)}/rollout`

const MOVED = 'holdpoint:moved'

export function go(path: string, options: { readonly instead?: boolean } = {}): void {
  if (options.instead === true) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  window.dispatchEvent(new Event(MOVED))
  if (options.instead !== true) window.scrollTo(0, 0)
}

export function usePlace(): Place {
  return placeOf(usePath())
}

/** Of the page that is shown. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname)
  useEffect(() => onMoved(() => setPath(location.pathname)), [])
  return path
}

/** Told after each move to another address, also one that differs in its search alone. Returns what ends it. */
export function onMoved(told: () => void): () => void {
  window.addEventListener('popstate', told)
  window.addEventListener(MOVED, told)
  return () => {
    window.removeEventListener('popstate', told)
    window.removeEventListener(MOVED, told)
  }
}

interface LinkProps {
  readonly to: string
  readonly class?: string
  readonly label?: string
  /** The page that is shown is this one, or a part of it. */
  readonly isCurrent?: boolean
  readonly children: ComponentChildren
}

/** A real link, so that it opens in a new tab too; a plain click stays in this document. */
export function Link({ to, label, isCurrent = false, children, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    go(to)
  }
  return (
    <a href={to} onClick={onClick} aria-label={label} aria-current={isCurrent ? 'page' : undefined} {...rest}>
      {children}
    </a>
  )
}
