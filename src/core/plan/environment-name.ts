/** How a name is written in the environment of a command: `HOLDPOINT_INPUT_` and this. */
export function environmentName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_').toUpperCase()
}
