/** Every kind of action there is: one file, one line. */
import type { ActionDefinition } from '../core/ports/action.ts'
import { argoRollout } from './argo-rollout.ts'
import { awsCloudfrontConfig } from './aws-cloudfront-config.ts'
import { awsCloudfrontInvalidate } from './aws-cloudfront-invalidate.ts'
import { awsLambdaAlias } from './aws-lambda-alias.ts'
import { awsRdsSnapshot } from './aws-rds-snapshot.ts'
import { awsS3Sync } from './aws-s3-sync.ts'
import { backup } from './backup.ts'
import { gitBranch } from './git-branch.ts'
import { gitPush } from './git-push.ts'
import { gitTag } from './git-tag.ts'
import { githubDeploymentStatus } from './github-deployment-status.ts'
import { githubDispatch } from './github-dispatch.ts'
import { githubIssue } from './github-issue.ts'
import { githubMilestone } from './github-milestone.ts'
import { githubProject } from './github-project.ts'
import { githubRelease } from './github-release.ts'
import { kubernetesApply } from './kubernetes-apply.ts'
import { kubernetesDelete } from './kubernetes-delete.ts'
import { kubernetesExec } from './kubernetes-exec.ts'
import { kubernetesRollout } from './kubernetes-rollout.ts'
import { kubernetesScale } from './kubernetes-scale.ts'

export const actions: readonly ActionDefinition<never>[] = [
  argoRollout,
  awsCloudfrontConfig,
  awsCloudfrontInvalidate,
  awsLambdaAlias,
  awsRdsSnapshot,
  awsS3Sync,
  backup,
  gitBranch,
  gitPush,
  gitTag,
  githubDeploymentStatus,
  githubDispatch,
  githubIssue,
  githubMilestone,
  githubProject,
  githubRelease,
  kubernetesApply,
  kubernetesDelete,
  kubernetesExec,
  kubernetesRollout,
  kubernetesScale,
] as never
