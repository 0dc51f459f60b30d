/** One more project, with the services that belong to it. */
import { useState } from 'preact/hooks'
import type { OrganisationAnswer } from '../../../../src/api/wire/web.ts'
import { post } from '../../api/ask.ts'
import { ActDialog } from '../../parts/act-dialog.tsx'
import { Choice } from '../../parts/choice.tsx'
import { Field } from '../../parts/field.tsx'

interface NewProjectProps {
  readonly organisations: readonly OrganisationAnswer[]
  readonly onDone: () => Promise<void>
  readonly onClose: () => void
}

export function NewProject({ organisations, onDone, onClose }: NewProjectProps) {
  const [organisation, setOrganisation] = useState(organisations[0]?.id ?? '')
  const [project, setProject] = useState('')
  const [name, setName] = useState('')
  const [services, setServices] = useState('')
  return (
    <ActDialog
      title="Create a project"
      action="Create it"
      onSend={async () => {
        const words = services.split(/[\s,]+/).filter((word) => word !== '')
        const id = project.trim()
        await post('/v1/projects', { project: id, organisation, name: name.trim() || id, services: words })
        await onDone()
      }}
      onClose={onClose}
    >
      <Choice
        label="Organisation"
        value={organisation}
        onValue={setOrganisation}
        options={organisations.map(({ id, name: words }) => ({ value: id, words }))}
      />
      <Field label="Name" hint="Lower-case, for example shop" value={project} onValue={setProject} required isFirst />
      <Field label="Full name" value={name} onValue={setName} />
      <Field
        label="Services"
        hint="Such as: checkout search. A service belongs to one project only."
        value={services}
        onValue={setServices}
      />
    </ActDialog>
  )
}
