// What is asked of a process to see whether it serves, as those who read it from a file (config/), those who ask (os/) and
// those who decide when (supervisor/) speak of it.

/** How a process is probed over the network. `shown` is what people may read: without a password. */
export type NetworkCheck =
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
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly shown: string };

/** How a process is probed. */
export type HealthCheck = NetworkCheck | { readonly kind: 'exec'; readonly command: string; readonly shown: string };

/** What one probe found; `unknown` when it could not be made, which says nothing about the process. */
export interface ProbeResult {
  readonly outcome: 'healthy' | 'unhealthy' | 'unknown';
  /** What was answered, or why it was not, in words. */
  readonly text: string;
}
