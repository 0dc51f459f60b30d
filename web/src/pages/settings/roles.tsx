/** Roles: what each may do, those of the team's own too, and defining one. */
import { useState } from 'preact/hooks'
import type { RoleAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Field } from '../../parts/field.tsx'
import { type Me, maySomewhere } from '../../session.ts'
import { managesAll } from './manages.ts'
import { RoleMappings } from './role-mappings.tsx'
import { rightWords } from './words.ts'

export function Roles({ me }: { readonly me: Me }) {
  const roles = useAnswer<readonly RoleAnswer[]>('/v1/roles')
  const [isDefining, setDefining] = useState(false)
  const mine = new Set(me.grants.map(({ role }) => role))
  return (
    <>
      <header class="part-head">
        <h1>Roles</h1>
        {managesAll(me, 'people.manage') && (
          <button type="button" class="primary" onClick={() => setDefining(true)}>
            Define a role
          </button>
        )}
      </header>
      <p class="lead">
        A role counts where it is granted: on the whole server, in an organisation, a project, or one environment.
        Nobody signs what they started themselves, whatever their roles.
      </p>
      <ul class="entries">
        {roles.value?.map(({ id, about, own, machines, rights }) => (
          <li key={id} class="role">
            <span>
              <b>{id}</b>{' '}
              <span class="aside-words">
                {own && 'your team’s own '}
                {machines && 'for machines '}
                {mine.has(id) && 'you have it'}
              </span>
              <br />
              {about}
            </span>
            <ul class="rights">
              {rights.map((right) => (
                <li key={right} title={right}>
                  {rightWords(right)}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {roles.why}
      </p>
      {maySomewhere(me, 'people.manage') && <RoleMappings me={me} roles={roles.value ?? []} />}
      {isDefining && <Define onDefined={roles.again} onClose={() => setDefining(false)} />}
    </>
  )
}

function Define({ onDefined, onClose }: { readonly onDefined: () => Promise<void>; readonly onClose: () => void }) {
  const [role, setRole] = useState('')
  const [about, setAbout] = useState('')
  return (
    <ActDialog
      title="Define a role"
      lead="A checklist may ask for its signature. Whoever has it where the release goes may do what an approver may."
      action="Define it"
      onSend={async () => {
        await post('/v1/roles', { role: role.trim(), about: about.trim() || role.trim() })
        await onDefined()
      }}
      onClose={onClose}
    >
      <Field
        label="Name"
        hint="As checklists write it, such as qa-lead"
        value={role}
        onValue={setRole}
        required
        isFirst
      />
      <Field label="What it is for" value={about} onValue={setAbout} />
    </ActDialog>
  )
}
