/** Which project a page of settings is about: the first one, until another is chosen. */
import { useState } from 'preact/hooks'
import type { ProjectAnswer } from '../../../../src/api/wire/web.ts'
import { type Answer, useAnswer } from '../../parts/answer.ts'
import { Choice } from '../../parts/choice.tsx'

export interface ProjectChosen {
  readonly projects: Answer<readonly ProjectAnswer[]>
  /** null = none yet, or none at all. */
  readonly project: ProjectAnswer | null
  readonly choose: (id: string) => void
}

export function useProject(): ProjectChosen {
  const projects = useAnswer<readonly ProjectAnswer[]>('/v1/projects')
  const [chosen, choose] = useState<string | null>(null)
  const project = projects.value?.find(({ id }) => id === chosen) ?? projects.value?.[0] ?? null
  return { projects, project, choose }
}

/** Nothing to choose among one. */
export function ProjectChoice({ chosen }: { readonly chosen: ProjectChosen }) {
  const { projects, project, choose } = chosen
  if (projects.value === null || project === null || projects.value.length < 2) return null
  return (
    <div class="narrow">
      <Choice
        label="Project"
        value={project.id}
        onValue={choose}
        options={projects.value.map(({ id, organisation }) => ({ value: id, words: `${organisation}/${id}` }))}
      />
    </div>
  )
}

/** What to show where there is no project. */
export function NoProject({ chosen }: { readonly chosen: ProjectChosen }) {
  if (chosen.projects.value === null || chosen.project !== null) return null
  return <p class="none">There is no project that you may see.</p>
}
