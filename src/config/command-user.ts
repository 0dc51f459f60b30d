/** `HOLDPOINT_COMMAND_USER`: the user that commands of checklists run as, where it is another than the engine's own. */
import { ConfigFault } from './config.ts'

export interface CommandUserSetting {
  /** A name or a number. */
  readonly user: string
  /** A name or a number; null = the user's own. */
  readonly group: string | null
  /** As it was written. */
  readonly text: string
}

const EXAMPLE = 'HOLDPOINT_COMMAND_USER=holdpoint-commands, or with numbers HOLDPOINT_COMMAND_USER=1500:1500'

/** null = none is asked for. Throws ConfigFault for what names no user. */
export function commandUserSetting(
  environment: Readonly<Record<string, string | undefined>>,
): CommandUserSetting | null {
  const text = environment['HOLDPOINT_COMMAND_USER'] ?? ''
  if (text === '') return null
  const [, user, group] =
    /^([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,63}))?$/.exec(text) ?? []
  if (user !== undefined) return { user, group: group ?? null, text }
  throw new ConfigFault(
    `HOLDPOINT_COMMAND_USER is "${text}"; expected the name or number of a user, and after a colon a group where it is not the user's own. For example: ${EXAMPLE}`,
  )
}
