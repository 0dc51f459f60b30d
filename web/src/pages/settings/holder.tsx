/** One person or machine in a drawer: their roles, one more, one less, a new link, and the end of their coming in. */
import { useState } from 'preact/hooks'
import type { GrantAnswer, RoleAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { useDoing } from '../../parts/act-dialog.tsx'
import { Choice, type Option } from '../../parts/choice.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { atWords, grantKey, placeIn } from './words.ts'

interface HolderProps {
  readonly holder: {
    readonly id: string
    readonly title: string
    readonly disabled: boolean
    readonly isPerson: boolean
    readonly methods?: readonly string[]
    readonly grants: readonly GrantAnswer[]
  }
  readonly roles: readonly RoleAnswer[]
  readonly places: readonly Option[]
  readonly onChanged: () => Promise<void>
  readonly onLink?: (link: { readonly person: string; readonly invitation: string | null }) => void
  readonly onClose: () => void
}

export function Holder({ holder, roles, places, onChanged, onLink, onClose }: HolderProps) {
  const { id, title, isPerson, methods = [] } = holder
  const hasPassword = isPerson && methods.includes('password')
  return (
    <Dialog title={title} form="side" onClose={onClose}>
      <p class="lead">
        {id}
        {isPerson && `, signs in ${hasPassword ? 'with a password' : 'through the OpenID provider'}`}
      </p>
      <Grants holder={holder} onChanged={onChanged} />
      <GiveRole id={id} roles={roles} places={places} onChanged={onChanged} />
      {hasPassword && onLink !== undefined && <NewLink id={id} onLink={onLink} onClose={onClose} />}
      <Access holder={holder} onChanged={onChanged} />
    </Dialog>
  )
}

function Grants({ holder, onChanged }: Pick<HolderProps, 'holder' | 'onChanged'>) {
  const [leaving, setLeaving] = useState<string | null>(null)
  const { why, isBusy, run } = useDoing()
  const take = ({ role, place }: GrantAnswer): void =>
    run(async () => {
      await post('/v1/grants/revoke', { holder: holder.id, role, place })
      setLeaving(null)
      await onChanged()
    })
  return (
    <section aria-labelledby="holder-roles">
      <h3 id="holder-roles">Roles</h3>
      {holder.grants.length === 0 && <p class="none">None: they may nothing.</p>}
      <ul class="entries">
        {holder.grants.map((grant) => {
          const words = `${grant.role} ${atWords(grant.place)}`
          const { from } = grant
          return (
            <li key={grantKey(grant)} class="with-act">
              <span>
                <b>{grant.role}</b> <span class="aside-words">{atWords(grant.place)}</span>
              </span>
              {from !== undefined ? (
                <span class="aside-words">
                  by the provider: {from.claim}={from.value}
                </span>
              ) : leaving === words ? (
                <span class="sure">
                  <button key="take" type="button" class="stop" aria-disabled={isBusy} onClick={() => take(grant)}>
                    Yes, take it away
                  </button>
                  <button key="keep" type="button" onClick={() => setLeaving(null)}>
                    Keep
                  </button>
                </span>
              ) : (
                <button key="ask" type="button" aria-label={`Take away ${words}`} onClick={() => setLeaving(words)}>
                  Take away
                </button>
              )}
            </li>
          )
        })}
      </ul>
      <p class="trouble" role="alert">
        {why}
      </p>
    </section>
  )
}

type GiveRoleProps = Pick<HolderProps, 'roles' | 'places' | 'onChanged'> & { readonly id: string }

function GiveRole({ id, roles, places, onChanged }: GiveRoleProps) {
  const [picked, setRole] = useState<string | null>(null)
  const [where, setPlace] = useState<string | null>(null)
  const role = picked ?? roles[0]?.id ?? ''
  const place = where ?? places[0]?.value ?? 'everywhere'
  const { why, isBusy, run } = useDoing()
  const give = (event: SubmitEvent): void => {
    event.preventDefault()
    run(async () => {
      await post('/v1/grants', { holder: id, role, place: placeIn(place) })
      await onChanged()
    })
  }
  return (
    <form onSubmit={give} class="in-line" noValidate>
      <Choice
        label="Give a role"
        value={role}
        onValue={setRole}
        options={roles.map((each) => ({ value: each.id, words: each.id }))}
        hint={roles.find((each) => each.id === role)?.about}
      />
      <Choice label="at" value={place} onValue={setPlace} options={places} />
      <button type="submit" aria-disabled={isBusy}>
        Give it
      </button>
      <p class="trouble" role="alert">
        {why}
      </p>
    </form>
  )
}

function NewLink({ id, onLink, onClose }: Required<Pick<HolderProps, 'onLink' | 'onClose'>> & { readonly id: string }) {
  const [isSure, setSure] = useState(false)
  const { why, isBusy, run } = useDoing()
  const make = (): void =>
    run(async () => {
      const link = await post<{ person: string; invitation: string | null }>(
        `/v1/people/${encodeURIComponent(id)}/invitation`,
        {},
      )
      onClose()
      onLink(link)
    })
  return (
    <section aria-labelledby="holder-link">
      <h3 id="holder-link">Forgotten password</h3>
      <p class="lead">
        A new link lets them choose another one. Every sign-in and every link of theirs before is over.
      </p>
      {isSure ? (
        <span class="sure">
          <button key="make" type="button" class="primary" aria-disabled={isBusy} onClick={make}>
            Yes, make a new link
          </button>
          <button key="no" type="button" onClick={() => setSure(false)}>
            Leave it
          </button>
        </span>
      ) : (
        <button key="ask" type="button" onClick={() => setSure(true)}>
          Make a new link
        </button>
      )}
      <p class="trouble" role="alert">
        {why}
      </p>
    </section>
  )
}

function Access({ holder, onChanged }: Pick<HolderProps, 'holder' | 'onChanged'>) {
  const [reason, setReason] = useState('')
  const { why, isBusy, run } = useDoing()
  const { id, disabled, isPerson } = holder
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    run(async () => {
      await post(`/v1/people/${encodeURIComponent(id)}/${disabled ? 'enable' : 'disable'}`, { reason: reason.trim() })
      setReason('')
      await onChanged()
    })
  }
  return (
    <form onSubmit={send} noValidate>
      <h3>{disabled ? 'Disabled' : isPerson ? 'Let them in no more' : 'Let it in no more'}</h3>
      <p class="lead">
        {disabled
          ? 'Roles are kept; they count again from the moment it is enabled.'
          : 'Sign-ins, streams and tokens end at once. Nothing of what was recorded changes.'}
      </p>
      <Field label="Why" hint="For the record, such as: left the team" value={reason} onValue={setReason} required />
      <button type="submit" class={disabled ? '' : 'stop'} aria-disabled={isBusy}>
        {disabled ? `Enable ${id}` : `Disable ${id}`}
      </button>
      <p class="trouble" role="alert">
        {why}
      </p>
    </form>
  )
}
