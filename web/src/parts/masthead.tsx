/** The line above every page: the product, the pages that the viewer may see, and who they are. */
import { useEffect } from 'preact/hooks'
import { post } from '../api/ask.ts'
import { go, Link, placeOf, usePath } from '../router.tsx'
import { type Me, maySomewhere } from '../session.ts'
import { forgetAllDrafts } from './draft.ts'
import { isForSomethingElse, KeysHelp, showKeys, tellKeys } from './keys.tsx'

interface Section {
  readonly to: string
  readonly word: string
  /** After `g`. */
  readonly key: string
  /** Without it the page would be empty; null = everybody has something there. */
  readonly right: string | null
}

const sections: readonly Section[] = [
  { to: '/', word: 'Releases', key: 'r', right: 'release.read' },
  { to: '/targets', word: 'Targets', key: 't', right: 'release.read' },
  { to: '/records', word: 'Records', key: 'd', right: 'record.read' },
  { to: '/checklists', word: 'Checklists', key: 'c', right: 'checklist.read' },
  { to: '/audit', word: 'Audit', key: 'a', right: 'audit.read' },
  { to: '/settings', word: 'Settings', key: 's', right: null },
]

/** The second key comes soon, or `g` meant nothing. */
const SECOND_KEY_MS = 1_500

export function Masthead({ me }: { readonly me: Me }) {
  const path = usePath()
  const mine = sections.filter(
    ({ to, right }) => placeOf(to).page !== 'nowhere' && (right === null || maySomewhere(me, right)),
  )
  useGoKeys(mine)
  return (
    <header class="masthead">
      <Link to="/" class="brand" label="Holdpoint: all releases">
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <path d="M4 3v14M16 3v14M4 10h3.4M12.6 10H16" />
          <circle cx="10" cy="10" r="1.9" />
        </svg>
        Holdpoint
      </Link>
      <nav aria-label="Pages">
        {mine.map(({ to, word }) => (
          <Link key={to} to={to} isCurrent={isWithin(path, to)}>
            {word}
          </Link>
        ))}
      </nav>
      <span class="who">
        <span title={me.grants.map(({ role }) => role).join(', ')}>{me.name ?? me.id}</span>
        <button type="button" class="plain keys-button" onClick={showKeys}>
          Keys
        </button>
        {me.kind === 'person' && (
          <button type="button" class="plain" onClick={leave}>
            Sign out
          </button>
        )}
      </span>
      <KeysHelp />
    </header>
  )
}

function leave(): void {
  void post('/v1/sign-out', {}).finally(() => {
    forgetAllDrafts()
    location.assign('/sign-in')
  })
}

function isWithin(path: string, to: string): boolean {
  if (to === '/') return path === '/' || path.startsWith('/releases/')
  return path === to || path.startsWith(`${to}/`)
}

/** `g` and then the letter of a page. The second key is nobody else's: it is taken before the keys of the page see it. */
function useGoKeys(mine: readonly Section[]): void {
  const letters = mine.map(({ key }) => key).join('')
  useEffect(() => {
    tellKeys(mine.map(({ key, word }) => ({ key: `g ${key}`, does: `go to ${word}` })))
    let begunAt = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent): void => {
      if (isForSomethingElse(event)) return
      const isSecond = event.timeStamp - begunAt < SECOND_KEY_MS
      begunAt = event.key === 'g' && !isSecond ? event.timeStamp : Number.NEGATIVE_INFINITY
      const found = isSecond ? mine.find(({ key }) => key === event.key) : undefined
      if (found === undefined) return
      event.preventDefault()
      event.stopPropagation()
      go(found.to)
      document.getElementById('main')?.focus({ preventScroll: true })
    }
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [letters])
}
