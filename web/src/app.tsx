/** The frame around every page: who is here, where one can go, and which page is shown. */
import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { lazy } from './parts/lazy.tsx'
import { Masthead } from './parts/masthead.tsx'
import { go, Link, type PageName, type Place, usePlace } from './router.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { type Me, maySomewhere, useSession } from './session.ts'

const Board = lazy(() => import('./pages/board/board.tsx').then((found) => found.Board))
const Release = lazy(() => import('./pages/release/release.tsx').then((found) => found.Release))
const Rollout = lazy(() => import('./pages/rollout/rollout.tsx').then((found) => found.Rollout))
const Start = lazy(() => import('./pages/start/start.tsx').then((found) => found.Start))
const Audit = lazy(() => import('./pages/audit/audit.tsx').then((found) => found.Audit))
const Settings = lazy(() => import('./pages/settings/settings.tsx').then((found) => found.Settings))
const Checklists = lazy(() => import('./pages/checklists/checklists.tsx').then((found) => found.Checklists))
const Checklist = lazy(() => import('./pages/checklists/checklist.tsx').then((found) => found.Checklist))
const Records = lazy(() => import('./pages/records/records.tsx').then((found) => found.Records))
const Targets = lazy(() => import('./pages/targets/targets.tsx').then((found) => found.Targets))
const ImportPage = lazy(() => import('./pages/checklists/import.tsx').then((found) => found.ImportPage))
const Terminal = lazy(() => import('./pages/terminal.tsx').then((found) => found.Terminal))
const Sign = lazy(() => import('./pages/sign/sign.tsx').then((found) => found.Sign))
const SetUp = lazy(() => import('./pages/set-up.tsx').then((found) => found.SetUp))
const Welcome = lazy(() => import('./pages/welcome.tsx').then((found) => found.Welcome))
const Enter = lazy(() => import('./pages/enter.tsx').then((found) => found.Enter))

/** One line for each page of somebody who is known. */
const pages: Readonly<Partial<Record<PageName, (parts: Place['parts'], me: Me) => VNode>>> = {
  board: (_, me) => <Board me={me} />,
  release: ({ id = '' }, me) => <Release id={id} viewer={me.id} key={id} />,
  sign: ({ id = '', step = '' }, me) => <Sign release={id} step={step} me={me} key={`${id} ${step}`} />,
  start: (_, me) => <Start me={me} />,
  audit: (_, me) => (maySomewhere(me, 'audit.read') ? <Audit /> : <NotYourAudit />),
  settings: ({ at = '' }, me) => <Settings at={at} me={me} />,
  // Where passkeys were before there were settings.
  passkeys: (_, me) => <Settings at="" me={me} />,
  checklists: (_, me) => <Checklists me={me} />,
  checklist: ({ project = '', name = '' }, me) => (
    <Checklist project={project} name={name} me={me} key={`${project}/${name}`} />
  ),
  targets: (_, me) => <Targets me={me} />,
  records: ({ at = '' }, me) => <Records at={at} me={me} />,
  'checklist-import': (_, me) => <ImportPage me={me} />,
  rollout: ({ id = '' }) => <Rollout id={id} key={id} />,
}

/** Their code comes while the server is asked who looks. */
const ahead: Readonly<Partial<Record<PageName, () => void>>> = { board: Board.ahead, release: Release.ahead }

export function App() {
  const session = useSession()
  const place = usePlace()
  useEffect(() => ahead[place.page]?.(), [])
  useFocusOnPage(place.page)
  useEffect(() => {
    if (session.kind === 'known' && place.page === 'sign-in') go('/', { instead: true })
  }, [session.kind, place.page])
  if (place.page === 'setup') return <SetUp />
  if (place.page === 'welcome') return <Welcome />
  if (place.page === 'enter') return <Enter />
  if (session.kind === 'asking') return null
  if (session.kind === 'trouble') return <Trouble why={session.why} />
  if (session.kind === 'nobody') return <SignIn />
  if (place.page === 'terminal') return <Terminal me={session.me} />
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Masthead me={session.me} />
      <main id="main" tabIndex={-1}>
        {pages[place.page]?.(place.parts, session.me) ?? <Nowhere />}
      </main>
    </>
  )
}

/** A link that led to another page is gone with the page it stood on: who reads goes on at the top of the new one. */
function useFocusOnPage(page: PageName): void {
  const before = useRef(page)
  useEffect(() => {
    if (before.current !== page) document.getElementById('main')?.focus({ preventScroll: true })
    before.current = page
  }, [page])
}

function NotYourAudit() {
  return (
    <section class="quiet-page">
      <h1>The audit is not yours to read</h1>
      <p>
        It takes the right <code>audit.read</code>, which the role administrator brings. Someone who manages people can
        grant it to you. <Link to="/">All releases</Link>
      </p>
    </section>
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
