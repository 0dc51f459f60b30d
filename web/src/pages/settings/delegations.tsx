/** Who signs in whose place for a while: given for a role of one's own, seen by both, ended by either. */
import { useState } from 'preact/hooks'
import type { DelegationAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { useAnswer } from '../../parts/answer.ts'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'
import { Moment } from '../../parts/time.tsx'
import type { Me } from '../../session.ts'

export function Delegations({ me }: { readonly me: Me }) {
  const delegations = useAnswer<readonly DelegationAnswer[]>('/v1/delegations')
  const [isGiving, setGiving] = useState(false)
  const [leaving, setLeaving] = useState<DelegationAnswer | null>(null)
  const roles = [...new Set(me.grants.map(({ role }) => role))].filter((role) => !undelegated.has(role))
  return (
    <section aria-labelledby="delegations">
      <header class="part-head">
        <h2 id="delegations">While somebody is away</h2>
        {roles.length > 0 && me.kind === 'person' && (
          <button type="button" onClick={() => setGiving(true)}>
            Let somebody sign for you
          </button>
        )}
      </header>
      <p class="lead">
        A delegate signs in a role of yours, in your place and by their own name. The two of you count as one person. It
        ends by itself, and with the role.
      </p>
      {delegations.value?.length === 0 && <p class="none">Nobody stands in for anybody.</p>}
      <ul class="entries">
        {delegations.value?.map((one) => (
          <li key={one.id} class="with-act">
            <span>
              <b>{nameOf(one.to, me)}</b> for {nameOf(one.from, me)} as {one.role}{' '}
              <span class="aside-words">
                <Moment at={one.start} /> to <Moment at={one.until} />
                {!one.current && ', does not count now'}: {one.reason}
              </span>
            </span>
            <button
              type="button"
              aria-label={`End it: ${one.to} for ${one.from} as ${one.role}`}
              onClick={() => setLeaving(one)}
            >
              End it
            </button>
          </li>
        ))}
      </ul>
      <p class="trouble" role="alert">
        {delegations.why}
      </p>
      {isGiving && <Give roles={roles} onDone={delegations.again} onClose={() => setGiving(false)} />}
      {leaving !== null && <End delegation={leaving} onDone={delegations.again} onClose={() => setLeaving(null)} />}
    </section>
  )
}

/** They decide nothing about releases. */
const undelegated: ReadonlySet<string> = new Set(['viewer', 'author', 'administrator', 'worker', 'pipeline'])

function nameOf(id: string, me: Me): string {
  return id === me.id ? 'you' : id
}

interface GiveProps {
  readonly roles: readonly string[]
  readonly onDone: () => Promise<void>
  readonly onClose: () => void
}

function Give({ roles, onDone, onClose }: GiveProps) {
  const [role, setRole] = useState(roles[0] ?? '')
  const [to, setTo] = useState('')
  const [until, setUntil] = useState('')
  const [reason, setReason] = useState('')
  return (
    <ActDialog
      title="Let somebody sign for you"
      action="Let them sign"
      onSend={async () => {
        await post('/v1/delegations', { role, to: to.trim(), until: new Date(until).getTime(), reason: reason.trim() })
        await onDone()
      }}
      onClose={onClose}
    >
      <Field label="Who" hint="Their name here, such as bo" value={to} onValue={setTo} required isFirst />
      <Choice
        label="In the role"
        value={role}
        onValue={setRole}
        options={roles.map((id) => ({ value: id, words: id }))}
      />
      <Field
        label="Until"
        hint="At most 92 days; a time of your zone"
        type="datetime-local"
        value={until}
        onValue={setUntil}
        required
      />
      <Field label="Why" hint="Such as: on holiday" value={reason} onValue={setReason} required />
    </ActDialog>
  )
}

interface EndProps {
  readonly delegation: DelegationAnswer
  readonly onDone: () => Promise<void>
  readonly onClose: () => void
}

function End({ delegation, onDone, onClose }: EndProps) {
  const [reason, setReason] = useState('')
  return (
    <ActDialog
      title={`End it: ${delegation.to} for ${delegation.from}?`}
      lead={`${delegation.to} signs nothing more as ${delegation.role} by it from now on. What was signed stands.`}
      action="End it"
      isStop
      onSend={async () => {
        await post(`/v1/delegations/${encodeURIComponent(delegation.id)}/end`, { reason: reason.trim() })
        await onDone()
      }}
      onClose={onClose}
    >
      <Field label="Why" value={reason} onValue={setReason} required isFirst />
    </ActDialog>
  )
}
