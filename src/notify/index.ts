/** Every kind of channel there is: one file, one line. */
import type { NotifierDefinition } from '../core/ports/notify.ts'
import { consoleChannel } from './console.ts'
import { email } from './email.ts'
import { file } from './file.ts'
import { pagerduty } from './pagerduty.ts'
import { slack } from './slack.ts'
import { status } from './status.ts'
import { statuspage } from './statuspage.ts'
import { teams } from './teams.ts'
import { webhook } from './webhook.ts'

export const notifiers: readonly NotifierDefinition<never>[] = [
  consoleChannel,
  email,
  file,
  pagerduty,
  slack,
  status,
  statuspage,
  teams,
  webhook,
] as never
