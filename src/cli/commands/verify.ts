/** `verify`: is this record whole and unchanged? Needs nothing but the file, and a key to say whose it is. */
import { readFile } from 'node:fs/promises'
import type { BundleVerdict } from '../../report/verify.ts'
import type { Run } from '../command-entry.ts'
import type { Context } from '../context.ts'
import { printJson } from '../context.ts'
import type { ExitCode } from '../faults.ts'
import { paint } from '../terminal/line.ts'
import { visible } from '../terminal/text.ts'
import { text } from '../values.ts'

export const verify: Run = async (context, words, options) => {
  const [file = ''] = words
  return verifyBytes(context, file, await readFile(file), text(options, 'key'))
}

export async function verifyBytes(
  context: Context,
  file: string,
  bytes: Uint8Array,
  key: string | null,
): Promise<ExitCode> {
  const { verifyBundle } = await import('../../report/verify.ts')
  const found = verifyBundle(bytes, key === null ? {} : { key })
  if (context.json) printJson(context, { file, ...found })
  else tell(context, file, found)
  return found.verdict === 'broken' ? 1 : 0
}

function tell(context: Context, file: string, { verdict, findings, fingerprint }: BundleVerdict): void {
  const good = verdict !== 'broken'
  context.out(
    paint([[good ? `✔ ${verdict}` : '✖ broken', good ? 'good' : 'bad'], `  ${file}`], {
      ...context.paper(),
      width: Number.POSITIVE_INFINITY,
    }),
  )
  for (const { level, where, say } of findings) context.out(`  ${level}  ${visible(where)}: ${visible(say)}`)
  if (verdict === 'intact, signer unverified' && fingerprint)
    context.out(`  signed by the key ${fingerprint}; to say whose that is: --key FINGERPRINT`)
}
