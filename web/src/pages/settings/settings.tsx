/** Settings: one's own account first, then what one may see or manage of the server. */
import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { Link } from '../../router.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { KeysHelp } from '../../parts/keys.tsx'
import { Outside } from './outside.tsx'
import { People } from './people.tsx'
import { Projects } from './projects.tsx'
import { Roles } from './roles.tsx'
import { Sources } from './sources.tsx'
import { StatusPages } from './status.tsx'
import { Tokens } from './tokens.tsx'
import { Webhooks } from './webhooks.tsx'
import { Workers } from './workers.tsx'
import { You } from './you.tsx'
import '../../style/settings.css'

interface Part {
  /** After `/settings/`. */
  readonly at: string
  readonly word: string
  /** Without it there is nothing to see; null = everybody. */
  readonly right: string | null
  /** Enough in its place. */
  readonly orRight?: string
  readonly draw: (me: Me) => JSX.Element
}

const parts: readonly Part[] = [
  { at: '', word: 'Your account', right: null, draw: (me) => <You me={me} /> },
  { at: 'people', word: 'People', right: 'people.manage', draw: (me) => <People me={me} /> },
  { at: 'roles', word: 'Roles', right: null, draw: (me) => <Roles me={me} /> },
  { at: 'tokens', word: 'Tokens and machines', right: null, draw: (me) => <Tokens me={me} /> },
  { at: 'projects', word: 'Projects', right: 'release.read', draw: (me) => <Projects me={me} /> },
  {
    at: 'status',
    word: 'Status page',
    right: 'release.steer',
    orRight: 'organisation.manage',
    draw: () => <StatusPages />,
  },
  { at: 'workers', word: 'Workers', right: 'release.read', draw: () => <Workers /> },
  { at: 'webhooks', word: 'Webhooks', right: 'project.manage', draw: () => <Webhooks /> },
  { at: 'outside', word: 'GitHub and result keys', right: 'project.manage', draw: () => <Outside /> },
  { at: 'sources', word: 'Sources, channels, windows', right: 'checklist.read', draw: () => <Sources /> },
]

export function Settings({ at, me }: { readonly at: string; readonly me: Me }) {
  const mine = parts.filter(
    ({ right, orRight }) =>
      right === null || maySomewhere(me, right) || (orRight !== undefined && maySomewhere(me, orRight)),
  )
  const part = mine.find((each) => each.at === at)
  useEffect(() => {
    document.title = `${part?.word ?? 'Settings'} · Holdpoint`
  }, [part])
  return (
    <div class="settings">
      <nav aria-label="Settings" class="settings-nav">
        {mine.map(({ at: to, word }) => (
          <Link key={to} to={to === '' ? '/settings' : `/settings/${to}`} isCurrent={to === at}>
            {word}
          </Link>
        ))}
      </nav>
      <div class="settings-part">{part === undefined ? <NotYours at={at} /> : part.draw(me)}</div>
      <KeysHelp keys={[]} />
    </div>
  )
}

/** Of the rights above; what a role brings in all stands under Roles. */
const bringers: Readonly<Record<string, string>> = {
  'people.manage': 'administrator',
  'project.manage': 'administrator',
  'release.read': 'viewer',
  'checklist.read': 'viewer',
  'release.steer': 'release-engineer',
}

function NotYours({ at }: { readonly at: string }) {
  const right = parts.find((part) => part.at === at)?.right
  return (
    <section>
      <h1>Nothing to see here</h1>
      <p class="lead">
        {right == null
          ? 'There is no such page among the settings.'
          : `This page takes the right ${right}, which the role ${bringers[right]} brings. Someone who manages people can grant it to you.`}
      </p>
    </section>
  )
}
