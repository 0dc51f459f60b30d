/** Kinds of checks that a step of a scenario may be: those that look once and are done. */
import type { CheckDefinition } from '../../core/ports/check.ts'
import { awsS3 } from '../aws-s3.ts'
import { command } from '../command.ts'
import { dns } from '../dns.ts'
import { file } from '../file.ts'
import { git } from '../git.ts'
import { hls } from '../hls.ts'
import { http } from '../http.ts'
import { image } from '../image.ts'
import { kafka } from '../kafka.ts'
import { kubernetes } from '../kubernetes.ts'
import { log } from '../log.ts'
import { nats } from '../nats.ts'
import { promql } from '../promql.ts'
import { rabbitmq } from '../rabbitmq.ts'
import { redis } from '../redis.ts'
import { report } from '../report.ts'
import { rtmp } from '../rtmp.ts'
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
      awsS3,
      command,
      dns,
      file,
      git,
      hls,
      http,
      image,
      kafka,
      kubernetes,
      log,
      nats,
      promql,
      rabbitmq,
      redis,
      report,
      rtmp,
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
