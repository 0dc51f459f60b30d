/** Whether a start is a hotfix, and what it mends: a release, the tag that it was derived from, or both. */
import { Field } from '../../parts/field.tsx'
import type { StartValues, Troubles } from './start-values.ts'

interface HotfixFieldsProps {
  readonly values: StartValues
  readonly troubles: Troubles
  readonly onChange: (part: Partial<StartValues>) => void
}

export function HotfixFields({ values, troubles, onChange }: HotfixFieldsProps) {
  return (
    <>
      <label class="choice start-hotfix">
        <input
          type="checkbox"
          checked={values.hotfix}
          onChange={(event) => onChange({ hotfix: event.currentTarget.checked })}
        />
        <span>It is a hotfix: it mends what is out already</span>
      </label>
      {values.hotfix && (
        <>
          <Field
            label="Release that it mends"
            value={values.hotfixRelease}
            onValue={(hotfixRelease) => onChange({ hotfixRelease })}
            hint="For example checkout-1.4.0-k7f2, as the list of releases shows it."
            trouble={troubles['hotfixRelease'] ?? null}
          />
          <Field
            label="Git tag that it was derived from"
            value={values.hotfixTag}
            onValue={(hotfixTag) => onChange({ hotfixTag })}
            hint="For example v1.4.0. It is recorded as you say it: only holdpoint run --hotfix-of looks into the repository."
          />
        </>
      )}
    </>
  )
}
