/** Opens an address in the browser of the person who sits at this machine, if one sits there. */
import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** The program that opens addresses; null = nobody would see what it opens: over SSH, in CI, without a display. */
export function openerHere(environment: Environment, platform: NodeJS.Platform = process.platform): string | null {
  const { CI, SSH_CONNECTION, SSH_TTY, DISPLAY, WAYLAND_DISPLAY } = environment
  if (isSet(CI) || isSet(SSH_CONNECTION) || isSet(SSH_TTY)) return null
  if (platform === 'darwin') return 'open'
  if (platform !== 'linux') return null
  return isSet(DISPLAY) || isSet(WAYLAND_DISPLAY) ? 'xdg-open' : null
}

/** Best effort: the address is on the terminal too. */
export function openInBrowser(opener: string, address: string): void {
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}
