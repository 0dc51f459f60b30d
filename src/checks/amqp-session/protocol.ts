/** AMQP 0-9-1 as a client speaks it that only looks: lets itself in, and declares queues passively, which makes none. */
import type { Json } from '../../core/units.ts'
import { type Wire, WireFault } from '../parts/wire.ts'
import { Reading, writeLong, writeShort, writeTable } from './values.ts'

/** What a broker says when it ends a channel or the connection. */
export class AmqpClosed extends Error {
  override name = 'AmqpClosed'
  readonly code: number
  constructor(code: number, text: string) {
    super(text === '' ? `it closes with ${code}` : text)
    this.code = code
  }
}

/** It closed the connection where credentials are looked at, as brokers without a word for it do. */
export const accessRefused = 403

export interface Queue {
  readonly messages: number
  readonly consumers: number
}

export interface Broker {
  /** What it says of itself: product, version, cluster_name and more. */
  readonly properties: Readonly<Record<string, Json>>
  /** Throws AmqpClosed (404 where there is none). */
  queue(name: string): Promise<Queue>
}

export interface Login {
  readonly user: string
  readonly password: string
  readonly vhost: string
}

const mostFrame = 4 * 1024 * 1024
const endOfFrame = 0xce

/** Class and method, as one number. */
const methods = {
  start: 10_0010,
  startOk: 10_0011,
  tune: 10_0030,
  tuneOk: 10_0031,
  open: 10_0040,
  openOk: 10_0041,
  close: 10_0050,
  closeOk: 10_0051,
  channelOpen: 20_0010,
  channelOpenOk: 20_0011,
  channelClose: 20_0040,
  channelCloseOk: 20_0041,
  declare: 50_0010,
  declareOk: 50_0011,
} as const

/** Throws WireFault, and AmqpClosed where the broker says no. */
export async function openBroker(wire: Wire, login: Login): Promise<Broker> {
  wire.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]))
  const start = await expectMethod(wire, 0, methods.start)
  start.bytes(2)
  const properties = start.table()
  const about = { product: 'Holdpoint', capabilities: { authentication_failure_close: true } }
  const answer = Buffer.from(`\0${login.user}\0${login.password}`)
  send(wire, 0, methods.startOk, [writeTable(about), writeShort('PLAIN'), writeLong(answer), writeShort('en_US')])
  const tune = await tuned(wire)
  const limits = Buffer.alloc(8)
  limits.writeUInt16BE(tune.channels, 0)
  limits.writeUInt32BE(tune.frame, 2)
  send(wire, 0, methods.tuneOk, [limits])
  send(wire, 0, methods.open, [writeShort(login.vhost), Buffer.from([0, 0])])
  await expectMethod(wire, 0, methods.openOk)
  let channel = 0
  return {
    properties,
    async queue(name) {
      channel += 1
      send(wire, channel, methods.channelOpen, [writeShort('')])
      await expectMethod(wire, channel, methods.channelOpenOk)
      const passive = 1
      send(wire, channel, methods.declare, [
        Buffer.from([0, 0]),
        writeShort(name),
        Buffer.from([passive]),
        writeTable({}),
      ])
      const told = await expectMethod(wire, channel, methods.declareOk)
      told.short()
      return { messages: told.uint32(), consumers: told.uint32() }
    },
  }
}

/** A broker that knows no word for it closes the connection on who may not come in. */
async function tuned(wire: Wire): Promise<{ readonly channels: number; readonly frame: number }> {
  try {
    const tune = await expectMethod(wire, 0, methods.tune)
    return { channels: tune.uint16(), frame: tune.uint32() }
  } catch (fault) {
    if (fault instanceof WireFault && fault.answer)
      throw new AmqpClosed(accessRefused, `${fault.message} behind the login`)
    throw fault
  }
}

function send(wire: Wire, channel: number, method: number, values: readonly Buffer[]): void {
  const payload = Buffer.concat([Buffer.alloc(4), ...values])
  payload.writeUInt16BE(Math.floor(method / 10_000), 0)
  payload.writeUInt16BE(method % 10_000, 2)
  const head = Buffer.alloc(7)
  head.writeUInt8(1, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  wire.write(Buffer.concat([head, payload, Buffer.from([endOfFrame])]))
}

/** The arguments of the method that is waited for. */
async function expectMethod(wire: Wire, channel: number, wanted: number): Promise<Reading> {
  for (;;) {
    const frame = await nextFrame(wire)
    if (frame.type !== 1) continue
    const reading = new Reading(frame.payload)
    const method = reading.uint16() * 10_000 + reading.uint16()
    if (method === wanted && frame.channel === channel) return reading
    if (method === methods.close || method === methods.channelClose) {
      send(wire, frame.channel, method === methods.close ? methods.closeOk : methods.channelCloseOk, [])
      throw new AmqpClosed(reading.uint16(), reading.short())
    }
  }
}

async function nextFrame(
  wire: Wire,
): Promise<{ readonly type: number; readonly channel: number; readonly payload: Buffer }> {
  const head = await wire.read(7)
  if (head.toString('latin1', 0, 4) === 'AMQP')
    throw new WireFault(`it speaks AMQP ${head[5]}.${head[6]}, expected 0-9-1`, true)
  const length = head.readUInt32BE(3)
  if (head.readUInt8(0) > 8 || length > mostFrame) throw new WireFault('its answer is no frame of AMQP', true)
  const payload = await wire.read(length + 1)
  if (payload[length] !== endOfFrame) throw new WireFault('a frame of its answer has no end', true)
  return { type: head.readUInt8(0), channel: head.readUInt16BE(1), payload: payload.subarray(0, length) }
}
