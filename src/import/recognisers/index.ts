/** Every recogniser, in the order in which equals win. */
import type { Recogniser } from '../item.ts'
import { approval } from './approval.ts'
import { blank } from './blank.ts'
import { branch } from './branch.ts'
import { changeWindow } from './change-window.ts'
import { clusterState } from './cluster-state.ts'
import { codeBlock } from './code-block.ts'
import { codeHost } from './code-host.ts'
import { contact } from './contact.ts'
import { decisionRule } from './decision-rule.ts'
import { aws, git, github, kubernetes, report } from './delivery.ts'
import { endpoint } from './endpoint.ts'
import { freshness } from './freshness.ts'
import { inlineCommand } from './inline-command.ts'
import { leadTime } from './lead-time.ts'
import { message } from './message.ts'
import { metadata } from './metadata.ts'
import { metricQuery } from './metric-query.ts'
import { metricBaseline, metricThreshold } from './metric.ts'
import { monitorWindow } from './monitor-window.ts'
import { namedFile } from './named-file.ts'
import { observed } from './observed.ts'
import { prepared } from './prepared.ts'
import { loadSoak, securityProbe, serviceProbe, sql, websocket } from './probes.ts'
import { reachable } from './reachable.ts'
import { reference } from './reference.ts'
import { repository } from './repository.ts'
import { rollbackStep } from './rollback-step.ts'
import { rollbackTrigger } from './rollback-trigger.ts'
import { stage } from './stage.ts'
import { statement } from './statement.ts'
import { tableForm } from './table-form.ts'
import { waiting } from './waiting.ts'
import { command, manual, notification, retrospective } from './work.ts'

export const recognisers: readonly Recogniser[] = [
  metadata,
  reference,
  blank,
  tableForm,
  message,
  stage,
  decisionRule,
  rollbackTrigger,
  approval,
  branch,
  contact,
  changeWindow,
  leadTime,
  monitorWindow,
  waiting,
  namedFile,
  metricQuery,
  inlineCommand,
  codeBlock,
  rollbackStep,
  metricThreshold,
  metricBaseline,
  endpoint,
  websocket,
  serviceProbe,
  sql,
  loadSoak,
  securityProbe,
  freshness,
  git,
  github,
  report,
  kubernetes,
  aws,
  notification,
  retrospective,
  prepared,
  repository,
  codeHost,
  reachable,
  clusterState,
  observed,
  command,
  manual,
  statement,
]
