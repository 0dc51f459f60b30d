/** Packs long answers for browsers: lists and views are mostly the same words again. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { createMiddleware } from 'hono/factory'
import { type ApiEnv, doorOf } from './env.ts'

const pack = promisify(gzip)
/** One packet of a network holds less. */
const WORTH_BYTES = 4_096
/** Most of what packing saves, for a fraction of its time. */
const LEVEL = 4

/**
 * Only whole answers of JSON to readers: streams go out as they are. Nobody learns a secret from the length of an answer
 * by making a browser ask (BREACH): what comes from pages of other sites gets no answer at all.
 */
export function packedAnswers() {
  return createMiddleware<ApiEnv>(async (context, next) => {
    await next()
    const { method } = context.req
    if (method !== 'GET' || doorOf(context).kind === 'local') return
    if (!/\bgzip\b/.test(context.req.header('accept-encoding') ?? '')) return
    const { headers, status } = context.res
    if (status !== 200 || headers.has('content-encoding')) return
    if (headers.get('content-type')?.startsWith('application/json') !== true) return
    const plain = await context.res.arrayBuffer()
    const kept = new Headers(headers)
    kept.append('vary', 'accept-encoding')
    const isWorth = plain.byteLength >= WORTH_BYTES
    if (isWorth) {
      kept.set('content-encoding', 'gzip')
      kept.delete('content-length')
    }
    // Else the headers of the answer before would be taken over.
    context.res = undefined
    context.res = new Response(isWorth ? await pack(plain, { level: LEVEL }) : plain, { status, headers: kept })
  })
}
