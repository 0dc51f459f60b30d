/** A launcher that is found or started when the first command needs it: an engine that only waits for people has none. */
import type { Launcher } from '../core/ports/launcher.ts'
import type { ConnectedLauncher } from './launcher-client.ts'

export interface LazyLauncher extends Launcher {
  /** Nothing more will be needed: the launcher, if there is one, ends as soon as no command runs. */
  retire(): Promise<void>
  /** Hangs up. Commands go on. */
  close(): void
}

export function lazyLauncher(connect: () => Promise<ConnectedLauncher>): LazyLauncher {
  let connecting: Promise<ConnectedLauncher> | null = null
  const connected = (): Promise<ConnectedLauncher> => {
    connecting ??= connect().catch((cause: unknown) => {
      // The next command tries again: what kept the launcher from starting may have been mended.
      connecting = null
      throw cause
    })
    return connecting
  }
  return {
    run: async (request) => (await connected()).run(request),
    attach: async (attempt) => (await connected()).attach(attempt),
    cancel: async (attempt) => (await connected()).cancel(attempt),
    forget: async (attempt) => (await connected()).forget(attempt),
    peek: async (attempt) => (await connected()).peek(attempt),
    lend: async (secrets) => (await connected()).lend(secrets),
    retire: async () => (await connecting?.catch(() => null))?.shutdownWhenIdle(),
    close: () => void connecting?.then((launcher) => launcher.close()).catch(() => {}),
  }
}
