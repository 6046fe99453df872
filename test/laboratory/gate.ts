import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

/** A way to a server that can be closed and opened again on one port, as a server that is stopped and started. */
export interface Gate {
  /** Like the one given, and through the gate. */
  kubeconfig: string
  /** Nothing listens there any more. */
  shut(): Promise<void>
  /** Connections are made, and get no answer. */
  mute(): void
  open(): Promise<void>
}

/** Puts a gate before the server of a kubeconfig; it is open. */
export async function gateBefore(kubeconfig: string): Promise<Gate> {
  const url = /server: (\S+)/.exec(kubeconfig)?.[1] ?? ''
  const { port } = new URL(url)
  const sockets = new Set<net.Socket>()
  let mute = false
  const kept = (socket: net.Socket) => {
    sockets.add(socket)
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  }
  const server = net.createServer((from) => {
    kept(from)
    if (mute) return
    const to = kept(net.connect(Number(port), '127.0.0.1'))
    from.pipe(to).pipe(from)
  })
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  const at = await listen(0)
  return {
    kubeconfig: kubeconfig.replace(url, `http://127.0.0.1:${at}`),
    async shut() {
      const closed = once(server, 'close')
      server.close()
      hangUp()
      await closed
    },
    mute() {
      mute = true
      for (const socket of sockets) socket.pause().unpipe()
    },
    async open() {
      // who was left without an answer never gets one
      hangUp()
      mute = false
      if (!server.listening) await listen(at)
    },
  }
}
