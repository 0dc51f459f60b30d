/** Every kind of check there is: one file, one line. */
import type { CheckDefinition } from '../core/ports/check.ts'
import { alertmanager } from './alertmanager.ts'
import { awsCloudfront } from './aws-cloudfront.ts'
import { awsCloudwatch } from './aws-cloudwatch.ts'
import { awsCost } from './aws-cost.ts'
import { awsLambda } from './aws-lambda.ts'
import { awsLogs } from './aws-logs.ts'
import { awsRds } from './aws-rds.ts'
import { awsS3 } from './aws-s3.ts'
import { backup } from './backup.ts'
import { browser } from './browser.ts'
import { budget } from './budget.ts'
import { command } from './command.ts'
import { configCheck } from './config.ts'
import { dashboards } from './dashboards.ts'
import { dns } from './dns.ts'
import { docs } from './docs.ts'
import { errorSink } from './error-sink.ts'
import { external } from './external.ts'
import { failover } from './failover.ts'
import { file } from './file.ts'
import { followUps } from './follow-ups.ts'
import { freeze } from './freeze.ts'
import { git } from './git.ts'
import { github } from './github.ts'
import { hls } from './hls.ts'
import { http } from './http.ts'
import { image } from './image.ts'
import { kafka } from './kafka.ts'
import { kubernetesExec } from './kubernetes-exec.ts'
import { kubernetes } from './kubernetes.ts'
import { load } from './load.ts'
import { log } from './log.ts'
import { manifests } from './manifests.ts'
import { migrations } from './migrations.ts'
import { nats } from './nats.ts'
import { prometheus } from './prometheus.ts'
import { promql } from './promql.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import { report } from './report.ts'
import { restoreDrill } from './restore-drill.ts'
import { rtmp } from './rtmp.ts'
import { scenario } from './scenario.ts'
import { secretsBackup } from './secrets-backup.ts'
import { securityProbe } from './security-probe.ts'
import { soak } from './soak.ts'
import { sql } from './sql.ts'
import { tcp } from './tcp.ts'
import { tls } from './tls.ts'
import { trend } from './trend.ts'
import { version } from './version.ts'
import { vnc } from './vnc.ts'
import { webhookSink } from './webhook-sink.ts'
import { websocket } from './websocket.ts'

export const checks: readonly CheckDefinition<never>[] = [
  alertmanager,
  awsCloudfront,
  awsCloudwatch,
  awsCost,
  awsLambda,
  awsLogs,
  awsRds,
  awsS3,
  backup,
  browser,
  budget,
  command,
  configCheck,
  dashboards,
  dns,
  docs,
  errorSink,
  external,
  failover,
  file,
  followUps,
  freeze,
  git,
  github,
  hls,
  http,
  image,
  kafka,
  kubernetes,
  kubernetesExec,
  load,
  log,
  manifests,
  migrations,
  nats,
  prometheus,
  promql,
  rabbitmq,
  redis,
  report,
  restoreDrill,
  rtmp,
  scenario,
  secretsBackup,
  securityProbe,
  soak,
  sql,
  tcp,
  tls,
  trend,
  version,
  vnc,
  webhookSink,
  websocket,
] as never
