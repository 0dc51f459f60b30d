/** Every traffic driver there is. */
import type { TrafficDriverDefinition } from '../core/ports/traffic.ts'
import { awsAlb } from './aws-alb.ts'
import { awsLambda } from './aws-lambda.ts'
import { command } from './command.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'

export const trafficDrivers: readonly TrafficDriverDefinition<never>[] = [
  awsAlb,
  awsLambda,
  command,
  haproxy,
  nginx,
] as never
