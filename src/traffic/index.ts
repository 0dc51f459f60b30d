/** Every traffic driver there is. */
import type { TrafficDriverDefinition } from '../core/ports/traffic.ts'
import { awsAlb } from './aws-alb.ts'
import { awsCloudfront } from './aws-cloudfront.ts'
import { awsLambda } from './aws-lambda.ts'
import { command } from './command.ts'
import { haproxy } from './haproxy.ts'
import { httproute } from './httproute.ts'
import { nginx } from './nginx.ts'
import { replicas } from './replicas.ts'
import { traefik } from './traefik.ts'

export const trafficDrivers: readonly TrafficDriverDefinition<never>[] = [
  awsAlb,
  awsCloudfront,
  awsLambda,
  command,
  haproxy,
  httproute,
  nginx,
  replicas,
  traefik,
] as never
