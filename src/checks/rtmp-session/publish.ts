/** One visit of a publisher: hands are shaken, an application lets in, a stream begins, and the test picture runs for a while. */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { type Wire, WireFault } from '../parts/wire.ts'
import { encodeAmf } from './amf.ts'
import { type Answer, answerOf, messageTypes, openSession, sayStatus, type Session, shakeHands } from './protocol.ts'
import { pictureFrame, pictureSettings, pictureSize } from './test-picture.ts'

export interface Ingest {
  /** `rtmp://host:1935/live` */
  readonly address: string
  readonly application: string
  /** Name or key of the stream. */
  readonly stream: string
}

/** The server said no, in its own words. */
export class Refusal extends Error {
  override name = 'Refusal'
}

const frameEveryMs = 200

/** Throws WireFault, and Refusal where the application does not let in. */
export async function connect(wire: Wire, { address, application }: Ingest): Promise<Session> {
  await shakeHands(wire)
  const session = openSession(wire)
  session.command(0, 'connect', 1, {
    app: application,
    type: 'nonprivate',
    flashVer: 'FMLE/3.0 (compatible; Holdpoint)',
    tcUrl: address,
  })
  await hear(answerTo(session, 1))
  return session
}

export interface Publishing {
  /** Sends the picture until then, in milliseconds since 1970. Throws WireFault where the server ends it. */
  run(until: number): Promise<void>
  end(): void
}

/** Throws WireFault, and Refusal where the stream may not be published. */
export async function publish(
  wire: Wire,
  session: Session,
  { stream }: Ingest,
  { clock, signal }: Pick<CheckPowers, 'clock' | 'signal'>,
): Promise<Publishing> {
  session.command(0, 'releaseStream', 2, null, stream)
  session.command(0, 'FCPublish', 3, null, stream)
  session.command(0, 'createStream', 4, null)
  const id = Number((await hear(answerTo(session, 4))).values[0] ?? 1)
  session.command(id, 'publish', 5, null, stream, 'live')
  await hear(untilStarted(session))
  session.send(messageTypes.data, id, 0, Buffer.concat([encodeAmf(['@setDataFrame', 'onMetaData', metadata])]))
  session.send(messageTypes.video, id, 0, pictureSettings())
  const startedAt = clock.now()
  const broken = new AbortController()
  void listenTo(session).catch((fault: unknown) => {
    broken.abort(fault)
  })
  let frames = 0
  return {
    async run(until) {
      while (!broken.signal.aborted && !signal.aborted && clock.now() < until) {
        const at = clock.now() - startedAt
        for (; frames * frameEveryMs <= at; frames += 1)
          session.send(messageTypes.video, id, frames * frameEveryMs, pictureFrame(frames))
        await clock.sleep(Math.min(frameEveryMs, until - clock.now()), signal)
      }
      broken.signal.throwIfAborted()
      if (signal.aborted) throw new WireFault('no answer in time', false)
    },
    end() {
      session.command(0, 'FCUnpublish', 6, null, stream)
      session.command(0, 'deleteStream', 7, null, id)
      wire.end()
    },
  }
}

const metadata: Json = {
  width: pictureSize.width,
  height: pictureSize.height,
  framerate: 1_000 / frameEveryMs,
  videocodecid: 7,
  encoder: 'Holdpoint test picture',
}

/** Many say nothing and close, which is a no as well once hands are shaken. */
async function hear<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (fault) {
    if (fault instanceof WireFault && fault.answer) throw new Refusal(fault.message)
    throw fault
  }
}

async function answerTo(session: Session, transaction: number): Promise<Answer> {
  for (;;) {
    const answer = answerOf(await session.next())
    if (answer === null) continue
    refuseIfError(answer)
    if (answer.name === '_result' && answer.transaction === transaction) return answer
  }
}

async function untilStarted(session: Session): Promise<void> {
  for (;;) {
    const answer = answerOf(await session.next())
    if (answer === null) continue
    refuseIfError(answer)
    if (answer.name === 'onStatus' && sayStatus(answer.values).startsWith('NetStream.Publish.Start')) return
  }
}

/** Until something says no, or the connection ends. */
async function listenTo(session: Session): Promise<never> {
  for (;;) {
    const answer = answerOf(await session.next())
    if (answer !== null) refuseIfError(answer)
  }
}

/** `releaseStream` and `FCPublish` are asked out of habit of the trade; who does not know them may say so. */
function refuseIfError({ name, transaction, values }: Answer): void {
  const isStatusError =
    name === 'onStatus' && values.some((value) => (value as { readonly level?: unknown } | null)?.level === 'error')
  if (isStatusError || (name === '_error' && transaction !== 2 && transaction !== 3))
    throw new Refusal(sayStatus(values))
}
