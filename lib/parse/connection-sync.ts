/** The connection sync of IPVS. */
import type { ConnectionSync } from '../model/facts.ts';

/** `master sync daemon (mcast=eth0, syncid=51, maxlen=…, group=…)`; none where nothing runs (ipvsadm(8), --daemon). */
export function parseSyncDaemons(text: string): ConnectionSync['daemons'] {
  return [...text.matchAll(/^(master|backup) sync daemon \(mcast=([^,)]+), syncid=(\d+)/gm)].map(
    ([, role, name = '', id]) => ({ role: role === 'master' ? 'master' : 'backup', interface: name, id: Number(id) }),
  );
}

/** `MARK LOCAL SYNC`: entries in state ESTABLISHED of /proc/net/ip_vs_conn_sync by their origin. */
export function parseSyncedRows(text: string, mark: string): ConnectionSync['rows'] {
  const [, local, synced] = new RegExp(`^${mark}(\\d+) (\\d+)$`, 'm').exec(text) ?? [];
  return local === undefined || synced === undefined ? undefined : { local: Number(local), synced: Number(synced) };
}
