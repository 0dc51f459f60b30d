/** What supervises services on a machine, as systemd does: scripts by a name, which run outside of whoever asks for them. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Supervisor {
  /** A line for bash that has it run, and ends with its exit: what the script starts goes on running. */
  order(script: string): string
  end(): void
}

export async function startSupervisor(): Promise<Supervisor> {
  const scripts: string[] = []
  const server = createServer((request, response) => {
    const script = request.method === 'POST' ? scripts[Number(request.url?.slice(1))] : undefined
    if (script === undefined) return void response.writeHead(404).end()
    const child = spawn('bash', ['-c', script], { stdio: 'ignore' })
    child.on('error', () => response.writeHead(500).end())
    child.on('exit', (code) => response.writeHead(code === 0 ? 200 : 500).end())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    order: (script) => `curl -fsS -X POST http://127.0.0.1:${port}/${scripts.push(script) - 1}`,
    end: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
