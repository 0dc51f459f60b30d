/** What `serve` refuses before it starts anything. */
import { expect, test } from 'vitest'
import { UsageFault } from '../faults.ts'
import { proxyAddress } from './serve.ts'

test('a proxy is trusted by its address only: a name or a range, which would never fit, is refused with an example', () => {
  expect(proxyAddress('10.0.0.2')).toBe('10.0.0.2')
  expect(proxyAddress('fd00::2')).toBe('fd00::2')
  for (const wrong of ['abc', 'proxy.example.com', '10.0.0.0/8', '10.0.0.2:443', ''])
    expect(() => proxyAddress(wrong)).toThrow(UsageFault)
  expect(() => proxyAddress('10.0.0.0/8')).toThrow('for example --trust-proxy 10.0.0.2')
})
