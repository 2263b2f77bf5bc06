// What loading a configuration has to say besides the configuration: logged once there is a log. Pure.

export interface Message {
  readonly level: 'crit' | 'warn' | 'info';
  readonly text: string;
}

export function warning(text: string): Message {
  return { level: 'warn', text };
}
