/** Asks the vault for what a release names in it before each effect, so that nothing in the engine waits for it in the middle. */
import type { EffectContext, EnginePorts } from '../core/ports/engine.ts'
import type { SecretVault } from './secret-vault.ts'

type Hands = Omit<EnginePorts, 'store' | 'clock' | 'judge'>

export function withSecrets(vault: Pick<SecretVault, 'prepare'>, ports: Hands): Hands {
  /** The context of an effect is its last argument. */
  const prepared =
    <A extends readonly unknown[], R>(run: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const { state } = given.at(-1) as EffectContext
      // Most checklists name nothing in a vault: nothing is awaited for them.
      if (Object.values(state.plan.secrets).some(({ from }) => from === 'command')) await vault.prepare(state.plan)
      return run(...given)
    }
  const { checks, commands, observer, traffic, messenger } = ports
  return {
    ...ports,
    checks: { ...checks, run: prepared(checks.run.bind(checks)) },
    commands: {
      ...commands,
      run: prepared(commands.run.bind(commands)),
      attach: prepared(commands.attach.bind(commands)),
    },
    observer: {
      sample: prepared(observer.sample.bind(observer)),
      history: prepared(observer.history.bind(observer)),
      trigger: prepared(observer.trigger.bind(observer)),
      capture: prepared(observer.capture.bind(observer)),
    },
    traffic: {
      ...traffic,
      shift: prepared(traffic.shift.bind(traffic)),
      restore: prepared(traffic.restore.bind(traffic)),
    },
    messenger: { ...messenger, send: prepared(messenger.send.bind(messenger)) },
  }
}
