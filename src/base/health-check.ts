// What is asked of a process to see whether it serves, as those who read it from a file (config/), those who ask (os/) and
// those who decide when (supervisor/) speak of it.

/** How a process is probed. `shown` is what people may read: without a password. */
export type HealthCheck =
  | {
      readonly kind: 'http';
      readonly host: string;
      readonly port: number;
      /** What the Host header says: an IPv6 address in brackets, the port unless it is 80. */
      readonly hostHeader: string;
      /** With the query. */
      readonly path: string;
      /** The value of the Authorization header; null for none. */
      readonly authorization: string | null;
      readonly shown: string;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly shown: string }
  | { readonly kind: 'exec'; readonly command: string; readonly shown: string };

/** What a probe found, in words; `healthy` is all that counts. */
export interface ProbeResult {
  readonly healthy: boolean;
  readonly text: string;
}
