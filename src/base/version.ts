// The two versions a user meets: ours, and the supervisord whose contract we keep (docs/compatibility.md).

/** Corevisor's own version; a test holds it against package.json. */
export const corevisorVersion = '0.1.0';

/** The supervisord version that `getSupervisorVersion` and `supervisord -v` report. */
export const supervisorVersion = '4.2.5';

/** The XML-RPC API version (`getAPIVersion`) that every supervisorctl checks before it talks. */
export const apiVersion = '3.0';
