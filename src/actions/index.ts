/** Every kind of action there is: one file, one line. */
import type { ActionDefinition } from '../core/ports/action.ts'
import { gitBranch } from './git-branch.ts'
import { gitTag } from './git-tag.ts'
import { githubDispatch } from './github-dispatch.ts'
import { githubRelease } from './github-release.ts'
import { kubernetesApply } from './kubernetes-apply.ts'
import { kubernetesDelete } from './kubernetes-delete.ts'
import { kubernetesRollout } from './kubernetes-rollout.ts'
import { kubernetesScale } from './kubernetes-scale.ts'

export const actions: readonly ActionDefinition<never>[] = [
  gitBranch,
  gitTag,
  githubDispatch,
  githubRelease,
  kubernetesApply,
  kubernetesDelete,
  kubernetesRollout,
  kubernetesScale,
] as never
