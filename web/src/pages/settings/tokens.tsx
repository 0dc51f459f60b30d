/** Tokens and the machines that use them: which there are, issuing one, ending one. */
import { useState } from 'preact/hooks'
import type { PeopleAnswer, ProjectAnswer, RoleAnswer, TokenAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { serverNow } from '../../parts/clock.ts'
import { Field } from '../../parts/field.tsx'
import { SecretOnce } from '../../parts/secret-once.tsx'
import { Moment, Since, Until } from '../../parts/time.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { AddMachine } from './add-machine.tsx'
import { Holder } from './holder.tsx'
import { type Issued, IssueToken } from './issue-token.tsx'
import { managesAll } from './manages.ts'
import { atWords, grantKey, placeOptions } from './words.ts'

export function Tokens({ me }: { readonly me: Me }) {
  const isManager = maySomewhere(me, 'people.manage')
  const tokens = useAnswer<readonly TokenAnswer[]>('/v1/tokens')
  const directory = useAnswer<PeopleAnswer>(isManager ? '/v1/people' : null)
  const projects = useAnswer<readonly ProjectAnswer[]>(maySomewhere(me, 'release.read') ? '/v1/projects' : null)
  const [isIssuing, setIssuing] = useState(false)
  const [issued, setIssued] = useState<Issued | null>(null)
  const [ending, setEnding] = useState<TokenAnswer | null>(null)
  const places = placeOptions(projects.value ?? [], true)
  const machines = directory.value?.machines ?? []
  const live = tokens.value?.filter(isLive) ?? []
  const over = tokens.value?.filter((token) => !isLive(token)) ?? []
  return (
    <>
      <header class="part-head">
        <h1>Tokens and machines</h1>
        <button type="button" class="primary" onClick={() => setIssuing(true)}>
          Issue a token
        </button>
      </header>
      <p class="lead">
        A token lets a pipeline, a worker or a script in. It may less than its holder where you say so and never more,
        it never signs, and its secret is shown once.
      </p>
      <ul class="entries" aria-label="Tokens">
        {[...live, ...over].map((token) => (
          <TokenEntry key={token.id} token={token} onEnd={() => setEnding(token)} />
        ))}
      </ul>
      {tokens.value?.length === 0 && <p class="none">There are none yet.</p>}
      {isManager && (
        <Machines answer={directory} places={placeOptions(projects.value ?? [], managesAll(me, 'people.manage'))} />
      )}
      <p class="trouble" role="alert">
        {tokens.why ?? directory.why}
      </p>
      {isIssuing && (
        <IssueToken
          me={me}
          machines={machines.filter(({ disabled }) => !disabled).map(({ id }) => id)}
          places={places}
          onIssued={async (told) => {
            setIssued(told)
            await tokens.again()
          }}
          onClose={() => setIssuing(false)}
        />
      )}
      {issued !== null && (
        <SecretOnce
          title={`Token ${issued.token}`}
          lead="This is its secret. Put it where the program that uses it finds it, and nowhere else."
          secret={issued.secret}
          use={`HOLDPOINT_SERVER=${location.origin}\nHOLDPOINT_TOKEN=…`}
          onClose={() => setIssued(null)}
        />
      )}
      {ending !== null && <EndToken token={ending} onEnded={tokens.again} onClose={() => setEnding(null)} />}
    </>
  )
}

function isLive({ revoked, expires }: TokenAnswer): boolean {
  return !revoked && expires > serverNow()
}

function TokenEntry({ token, onEnd }: { readonly token: TokenAnswer; readonly onEnd: () => void }) {
  const { id, holder, name, scope, issuedAt, issuedBy, expires, revoked, lastUsed } = token
  const isOn = isLive(token)
  return (
    <li class={`token with-act${isOn ? '' : ' is-off'}`}>
      <span>
        <b>{name}</b> <span class="aside-words">{id}</span>
        <br />
        <span class="aside-words">
          of {holder}, {atWords(scope.place)},{' '}
          {scope.rights === null ? 'all rights of its holder' : scope.rights.join(', ')}
          {scope.labels.length > 0 && `, labels ${scope.labels.join(', ')}`}
        </span>
      </span>
      <span class="aside-words">
        {revoked ? (
          'revoked'
        ) : isOn ? (
          <>
            ends <Until at={expires} />
          </>
        ) : (
          <>
            expired <Moment at={expires} />
          </>
        )}
        <br />
        {lastUsed === null ? (
          'never used'
        ) : (
          <>
            used <Since at={lastUsed} /> ago
          </>
        )}
        , issued by {issuedBy} <Moment at={issuedAt} />
      </span>
      {isOn && (
        <button type="button" aria-label={`Revoke ${name} ${id}`} onClick={onEnd}>
          Revoke
        </button>
      )}
    </li>
  )
}

interface EndTokenProps {
  readonly token: TokenAnswer
  readonly onEnded: () => Promise<void>
  readonly onClose: () => void
}

function EndToken({ token, onEnded, onClose }: EndTokenProps) {
  const [reason, setReason] = useState('')
  return (
    <ActDialog
      title={`Revoke ${token.name}?`}
      lead={`The token ${token.id} of ${token.holder} works nowhere a second later. It cannot be brought back.`}
      action="Revoke it"
      isStop
      onSend={async () => {
        await post(`/v1/tokens/${encodeURIComponent(token.id)}/revoke`, { reason: reason.trim() })
        await onEnded()
      }}
      onClose={onClose}
    >
      <Field
        label="Why"
        hint="For the record, such as: it was in a log"
        value={reason}
        onValue={setReason}
        required
        isFirst
      />
    </ActDialog>
  )
}

interface MachinesProps {
  readonly answer: ReturnType<typeof useAnswer<PeopleAnswer>>
  readonly places: readonly { readonly value: string; readonly words: string }[]
}

function Machines({ answer, places }: MachinesProps) {
  const roles = useAnswer<readonly RoleAnswer[]>('/v1/roles')
  const [chosen, setChosen] = useState<string | null>(null)
  const [isAdding, setAdding] = useState(false)
  const machines = answer.value?.machines ?? []
  const machine = machines.find(({ id }) => id === chosen)
  return (
    <section aria-labelledby="machines">
      <header class="part-head">
        <h2 id="machines">Machines</h2>
        <button type="button" onClick={() => setAdding(true)}>
          Add a machine
        </button>
      </header>
      {answer.value !== null && machines.length === 0 && (
        <p class="none">
          None yet. A worker runs the commands of an environment; a pipeline starts releases and asks gates.
        </p>
      )}
      <ul class="entries" aria-label="Machines">
        {machines.map(({ id, about, disabled, grants }) => (
          <li key={id} class={`person${disabled ? ' is-off' : ''}`}>
            <span>
              <button type="button" class="plain name" onClick={() => setChosen(id)}>
                {id}
              </button>{' '}
              <span class="aside-words">
                {about !== id && about}
                {disabled && ' disabled'}
              </span>
            </span>
            <span class="chips">
              {grants.map((grant) => (
                <span class="chip" key={grantKey(grant)}>
                  {grant.role} <span class="aside-words">{atWords(grant.place)}</span>
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {machine !== undefined && (
        <Holder
          holder={{ ...machine, title: machine.id, isPerson: false }}
          roles={roles.value?.filter(({ id, machines: isFor }) => isFor || id === 'viewer') ?? []}
          places={places}
          onChanged={answer.again}
          onClose={() => setChosen(null)}
        />
      )}
      {isAdding && <AddMachine places={places} onAdded={answer.again} onClose={() => setAdding(false)} />}
    </section>
  )
}
