/** Kinds of checks that a step of a scenario may be: those that look once and are done. */
import type { CheckDefinition } from '../../core/ports/check.ts'
import { alertmanager } from '../alertmanager.ts'
import { awsCloudfront } from '../aws-cloudfront.ts'
import { awsCloudwatch } from '../aws-cloudwatch.ts'
import { awsLambda } from '../aws-lambda.ts'
import { awsLogs } from '../aws-logs.ts'
import { awsRds } from '../aws-rds.ts'
import { awsS3 } from '../aws-s3.ts'
import { backup } from '../backup.ts'
import { browser } from '../browser.ts'
import { command } from '../command.ts'
import { configCheck } from '../config.ts'
import { dashboards } from '../dashboards.ts'
import { dns } from '../dns.ts'
import { docs } from '../docs.ts'
import { errorSink } from '../error-sink.ts'
import { file } from '../file.ts'
import { git } from '../git.ts'
import { github } from '../github.ts'
import { hls } from '../hls.ts'
import { http } from '../http.ts'
import { image } from '../image.ts'
import { kafka } from '../kafka.ts'
import { kubernetes } from '../kubernetes.ts'
import { kubernetesExec } from '../kubernetes-exec.ts'
import { log } from '../log.ts'
import { manifests } from '../manifests.ts'
import { migrations } from '../migrations.ts'
import { nats } from '../nats.ts'
import { prometheus } from '../prometheus.ts'
import { promql } from '../promql.ts'
import { rabbitmq } from '../rabbitmq.ts'
import { redis } from '../redis.ts'
import { report } from '../report.ts'
import { rtmp } from '../rtmp.ts'
import { secretsBackup } from '../secrets-backup.ts'
import { securityProbe } from '../security-probe.ts'
import { sql } from '../sql.ts'
import { tcp } from '../tcp.ts'
import { tls } from '../tls.ts'
import { version } from '../version.ts'
import { vnc } from '../vnc.ts'
import { webhookSink } from '../webhook-sink.ts'
import { websocket } from '../websocket.ts'

/** Its settings are checked before it runs, so what they are in particular is its own affair. */
export type StepKind = CheckDefinition<never>

export const stepKinds: ReadonlyMap<string, StepKind> = new Map(
  (
    [
      alertmanager,
      awsCloudfront,
      awsCloudwatch,
      awsLambda,
      awsLogs,
      awsRds,
      awsS3,
      backup,
      browser,
      command,
      configCheck,
      dashboards,
      dns,
      docs,
      errorSink,
      file,
      git,
      github,
      hls,
      http,
      image,
      kafka,
      kubernetes,
      kubernetesExec,
      log,
      manifests,
      migrations,
      nats,
      prometheus,
      promql,
      rabbitmq,
      redis,
      report,
      rtmp,
      secretsBackup,
      securityProbe,
      sql,
      tcp,
      tls,
      version,
      vnc,
      webhookSink,
      websocket,
    ] as unknown as readonly StepKind[]
  ).map((kind) => [kind.kind, kind]),
)

/** Every power that a step may need. */
export const stepNeeds = [...new Set([...stepKinds.values()].flatMap(({ needs }) => needs))]
