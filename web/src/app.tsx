/** The frame around every page: who is here, where one can go, and which page is shown. */
import { useEffect } from 'preact/hooks'
import { lazy } from './parts/lazy.tsx'
import { go, Link, usePlace } from './router.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { type Me, useSession } from './session.ts'
import { post } from './api/ask.ts'

const Board = lazy(() => import('./pages/board/board.tsx').then((found) => found.Board))
const Release = lazy(() => import('./pages/release/release.tsx').then((found) => found.Release))
const Passkeys = lazy(() => import('./pages/passkeys.tsx').then((found) => found.Passkeys))
const SetUp = lazy(() => import('./pages/set-up.tsx').then((found) => found.SetUp))
const Welcome = lazy(() => import('./pages/welcome.tsx').then((found) => found.Welcome))

export function App() {
  const session = useSession()
  const place = usePlace()
  useEffect(() => {
    if (session.kind === 'known' && place.page === 'sign-in') go('/', { instead: true })
  }, [session.kind, place.page])
  if (place.page === 'setup') return <SetUp />
  if (place.page === 'welcome') return <Welcome />
  if (session.kind === 'asking') return null
  if (session.kind === 'trouble') return <Trouble why={session.why} />
  if (session.kind === 'nobody') return <SignIn />
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Masthead me={session.me} />
      <main id="main" tabIndex={-1}>
        {place.page === 'board' && <Board me={session.me} />}
        {place.page === 'release' && <Release id={place.id} key={place.id} />}
        {place.page === 'passkeys' && <Passkeys />}
        {place.page === 'nowhere' && <Nowhere />}
      </main>
    </>
  )
}

function Masthead({ me }: { readonly me: Me }) {
  const leave = (): void =>
    void post('/v1/sign-out', {}).finally(() => {
      location.assign('/sign-in')
    })
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
        <Link to="/">Releases</Link>
      </nav>
      <span class="who">
        <span title={me.grants.map(({ role }) => role).join(', ')}>{me.name ?? me.id}</span>
        {me.kind === 'person' && <Link to="/passkeys">Passkeys</Link>}
        {me.kind === 'person' && (
          <button type="button" class="plain" onClick={leave}>
            Sign out
          </button>
        )}
      </span>
    </header>
  )
}

function Nowhere() {
  return (
    <section class="quiet-page">
      <h1>Nothing is at this address</h1>
      <p>
        It may have been cut off on its way. <Link to="/">All releases</Link> are one click away.
      </p>
    </section>
  )
}

function Trouble({ why }: { readonly why: string }) {
  return (
    <main class="quiet-page" id="main">
      <h1>Holdpoint does not answer</h1>
      <p role="alert">{why}</p>
      <button type="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  )
}
