import { expect, test } from 'vitest'
import { classify, isPrivate } from './address.ts'

test('every way to write a loopback address is local', () => {
  for (const address of [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::127.0.0.1',
    '2002:7f00:1::',
    '::127.0.0.1',
    '[::1]',
  ]) {
    expect(classify(address), address).toBe('local')
  }
})

test('metadata services are link-local, also inside IPv6', () => {
  for (const address of [
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
  ]) {
    expect(classify(address), address).toBe('link-local')
  }
})

test('private and public addresses may be reached when declared', () => {
  for (const address of ['10.0.0.1', '192.168.1.1', '8.8.8.8', '2001:db8::1', 'fd12:3456::1']) {
    expect(classify(address), address).toBe('public')
  }
})

test('private networks are told apart from public ones, also inside IPv6', () => {
  for (const address of ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '198.18.0.1'])
    expect(isPrivate(address), address).toBe(true)
  for (const address of ['fd12:3456::1', 'fc00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::1'])
    expect(isPrivate(address), address).toBe(true)
  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '192.169.0.1', '2001:db8::1', 'example.com', ''])
    expect(isPrivate(address), address).toBe(false)
})

test('multicast, broadcast and what is no address are nothing', () => {
  for (const address of ['224.0.0.1', '255.255.255.255', 'ff02::1', 'example.com', '', '1.2.3', '1:2']) {
    expect(classify(address), address).toBe('none')
  }
})
