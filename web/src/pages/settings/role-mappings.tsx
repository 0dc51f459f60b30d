/** Roles that the OpenID provider brings: what it has to say of a person for which role where; one more, one less. */
import { useState } from 'preact/hooks'
import type { ProjectAnswer, RoleAnswer, RoleMappingAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import type { Me } from '../../session.ts'
import { managesAll } from './manages.ts'
import { atWords, placeIn, placeOptions } from './words.ts'

interface RoleMappingsProps {
  readonly me: Me
  readonly roles: readonly RoleAnswer[]
}

/** Where the server has no provider there is nothing to map. */
export function RoleMappings({ me, roles }: RoleMappingsProps) {
  const provider = useAnswer<{ readonly issuer: string | null }>('/v1/openid')
  const mappings = useAnswer<readonly RoleMappingAnswer[]>('/v1/role-mappings')
  const [isAdding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<RoleMappingAnswer | null>(null)
  const issuer = provider.value?.issuer ?? null
  if (issuer === null && (mappings.value ?? []).length === 0) return null
  return (
    <section aria-labelledby="mappings">
      <header class="part-head">
        <h2 id="mappings">Roles by the provider</h2>
        {issuer !== null && (
          <button type="button" onClick={() => setAdding(true)}>
            Map a group
          </button>
        )}
      </header>
      <p class="lead">
        Whoever {issuer ?? 'the provider'} says this of when they sign in has the role, until it no longer does at a
        later sign-in.
      </p>
      {mappings.value?.length === 0 && <p class="none">None yet: roles are given by hand.</p>}
      <ul class="entries">
        {mappings.value?.map((mapping) => (
          <li key={JSON.stringify(mapping)} class="with-act">
            <span>
              <b>
                {mapping.claim}={mapping.value}
              </b>{' '}
              brings {mapping.role} <span class="aside-words">{atWords(mapping.place)}</span>
            </span>
            <button
              type="button"
              aria-label={`Remove ${mapping.claim}=${mapping.value} for ${mapping.role}`}
              onClick={() => setLeaving(mapping)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {mappings.why}
      </p>
      {isAdding && <MapGroup me={me} roles={roles} onDone={mappings.again} onClose={() => setAdding(false)} />}
      {leaving !== null && (
        <ActDialog
          title={`Remove ${leaving.claim}=${leaving.value}?`}
          lead={`Everyone who is ${leaving.role} ${atWords(leaving.place)} by it loses that at once.`}
          action="Remove it"
          isStop
          onSend={async () => {
            await post('/v1/role-mappings/remove', leaving)
            await mappings.again()
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  )
}

interface MapGroupProps extends RoleMappingsProps {
  readonly onDone: () => Promise<void>
  readonly onClose: () => void
}

function MapGroup({ me, roles, onDone, onClose }: MapGroupProps) {
  const projects = useAnswer<readonly ProjectAnswer[]>('/v1/projects')
  const places = placeOptions(projects.value ?? [], managesAll(me, 'people.manage'))
  const forPeople = roles.filter(({ machines }) => !machines)
  const [claim, setClaim] = useState('groups')
  const [value, setValue] = useState('')
  const [picked, setRole] = useState<string | null>(null)
  const [where, setPlace] = useState<string | null>(null)
  const role = picked ?? forPeople[0]?.id ?? ''
  const place = where ?? places[0]?.value ?? 'everywhere'
  return (
    <ActDialog
      title="Map a group"
      action="Map it"
      onSend={async () => {
        await post('/v1/role-mappings', { claim: claim.trim(), value: value.trim(), role, place: placeIn(place) })
        await onDone()
      }}
      onClose={onClose}
    >
      <Field label="Claim" hint="As the provider names it, such as groups" value={claim} onValue={setClaim} required />
      <Field label="Value" hint="Such as releases" value={value} onValue={setValue} required isFirst />
      <Choice
        label="Brings the role"
        value={role}
        onValue={setRole}
        options={forPeople.map(({ id }) => ({ value: id, words: id }))}
      />
      <Choice label="at" value={place} onValue={setPlace} options={places} />
    </ActDialog>
  )
}
