/** Every traffic driver there is. */
import type { TrafficDriverDefinition } from '../core/ports/traffic.ts'
import { command } from './command.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'

export const trafficDrivers: readonly TrafficDriverDefinition<never>[] = [command, haproxy, nginx] as never
