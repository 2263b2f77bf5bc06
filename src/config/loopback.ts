// Which addresses only this machine can reach. Pure.

/** Whether a server on this host, as `port=host:number` names it, is out of reach for other machines; a name but localhost is not known to be. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(bare) || /^(?:0*:)+0*1$/.test(bare);
}
