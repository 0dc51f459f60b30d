/** When a start is to be: a planned time, why it is late, a window that is overridden; only what the checklist knows of. */
import type { PlanView } from '../../../../src/api/wire/web.ts'
import { Field } from '../../parts/field.tsx'
import { Choices } from './choices.tsx'
import type { StartValues, Troubles } from './start-values.ts'

interface WhenProps {
  readonly plan: PlanView
  readonly values: StartValues
  readonly troubles: Troubles
  readonly onChange: (part: Partial<StartValues>) => void
}

export function When({ plan, values, troubles, onChange }: WhenProps) {
  if (plan.anchor === null || (plan.windows.length === 0 && plan.leads.length === 0)) return null
  const { title, zone } = plan.anchor
  const leads = plan.leads.map(({ phase, words }) => `“${phase}” is due ${words}`).join(', ')
  return (
    <fieldset class="start-when">
      <legend>When</legend>
      <Field
        label={`“${title}” begins`}
        type="datetime-local"
        value={values.plannedAt}
        onValue={(plannedAt) => onChange({ plannedAt })}
        hint={`By your clock; the checklist counts by ${zone}. Nothing given: as soon as it can.${leads === '' ? '' : ` ${leads}.`}`}
        trouble={troubles['plannedAt'] ?? null}
      />
      {plan.leads.length > 0 && !values.rehearsal && (
        <Field
          label="Why its lead times are not kept"
          value={values.lateWhy}
          onValue={(lateWhy) => onChange({ lateWhy })}
          hint="Only where it is too late for them. It is listed in the report."
          trouble={troubles['lateWhy'] ?? null}
        />
      )}
      {plan.overriders.length > 0 && !values.rehearsal && (
        <>
          <Field
            label="Why a closed window does not count"
            value={values.overrideWhy}
            onValue={(overrideWhy) => onChange({ overrideWhy })}
            hint={`${plan.overriders.join(' or ')} may override it. It is listed in the report.`}
            trouble={troubles['overrideWhy'] ?? null}
          />
          {plan.overriders.length > 1 && values.overrideWhy.trim() !== '' && (
            <Choices
              label="As"
              name="overrideRole"
              options={plan.overriders.map((role) => ({ value: role, label: role }))}
              value={values.overrideRole}
              onValue={(overrideRole) => onChange({ overrideRole })}
            />
          )}
        </>
      )}
    </fieldset>
  )
}
