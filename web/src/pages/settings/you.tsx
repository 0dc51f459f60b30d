/** The own account: roles, where one is signed in, passkeys, the password. */
import { useState } from 'preact/hooks'
import type { GrantAnswer, SessionAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { useDoing } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Moment, Since } from '../../parts/time.tsx'
import type { Me } from '../../session.ts'
import { Delegations } from './delegations.tsx'
import { Passkeys } from './passkeys.tsx'
import { Password } from './password.tsx'
import { SlackLinks } from './slack-links.tsx'
import { atWords, grantKey, wayWords } from './words.ts'

export function You({ me }: { readonly me: Me }) {
  // Another password ends the other sign-ins: the list of them is asked for again.
  const [changes, setChanges] = useState(0)
  return (
    <>
      <h1>{me.name ?? me.id}</h1>
      <p class="lead">
        You are <b>{me.id}</b> here: the name that is written beside what you decide.
      </p>
      <YourRoles grants={me.grants} />
      <Delegations me={me} />
      {me.kind === 'person' && (
        <>
          <SignIns key={changes} />
          <Passkeys />
          <SlackLinks />
          <Password onChanged={() => setChanges((count) => count + 1)} />
        </>
      )}
    </>
  )
}

function YourRoles({ grants }: { readonly grants: readonly GrantAnswer[] }) {
  return (
    <section aria-labelledby="your-roles">
      <h2 id="your-roles">Your roles</h2>
      {grants.length === 0 ? (
        <p class="none">None yet: someone who manages people can grant you one.</p>
      ) : (
        <ul class="entries">
          {grants.map((grant) => (
            <li key={grantKey(grant)}>
              <b>{grant.role}</b>{' '}
              <span class="aside-words">
                {atWords(grant.place)}
                {grant.from !== undefined && `, by the provider: ${grant.from.claim}=${grant.from.value}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function SignIns() {
  const sessions = useAnswer<readonly SessionAnswer[]>('/v1/sessions')
  const { why, run } = useDoing()
  const end = (id: string): void =>
    run(async () => {
      await post(`/v1/sessions/${encodeURIComponent(id)}/end`, {})
      await sessions.again()
    })
  const endAll = (): void =>
    run(async () => {
      await post('/v1/sign-out', { everywhere: true })
      location.assign('/sign-in')
    })
  const others = sessions.value?.filter(({ current }) => !current) ?? []
  return (
    <section aria-labelledby="sign-ins">
      <h2 id="sign-ins">Where you are signed in</h2>
      <ul class="entries">
        {sessions.value?.map(({ id, how, startedAt, usedAt, current }) => (
          <li key={id} class="with-act">
            <span>
              {current ? <b>This browser</b> : 'Another browser or terminal'}{' '}
              <span class="aside-words">
                {wayWords(how)}, <Moment at={startedAt} />
                {!current && (
                  <>
                    ; used <Since at={usedAt} /> ago
                  </>
                )}
              </span>
            </span>
            {!current && (
              <button
                type="button"
                aria-label={`End it: the sign-in of ${new Date(startedAt).toISOString()}`}
                onClick={() => end(id)}
              >
                End it
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p>
          <button type="button" onClick={endAll}>
            Sign out everywhere, here too
          </button>
        </p>
      )}
      <p class="trouble" role="alert">
        {why ?? sessions.why}
      </p>
    </section>
  )
}
