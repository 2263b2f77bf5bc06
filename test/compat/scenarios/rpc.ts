// XML-RPC: every method with its values, its faults and their texts.
import type { Scenario } from '../scenario.ts';

export const scenarios: readonly Scenario[] = [
  {
    name: 'tells who it is',
    config: '',
    steps: [
      { rpc: 'supervisor.getAPIVersion' },
      { rpc: 'supervisor.getVersion' },
      { rpc: 'supervisor.getSupervisorVersion' },
      { rpc: 'supervisor.getIdentification' },
      { rpc: 'supervisor.getState' },
      { rpc: 'supervisor.getPID' },
      { ctl: 'status' },
      { ctl: 'pid' },
      { messages: 'all' },
    ],
  },
  {
    name: 'describes a process in each of its states',
    config: `
[program:runs]
command={children}/stays.sh
[program:fails]
command=/nowhere/at/all
startretries=0
[program:ends]
command=/bin/sh -c "exit 3"
startsecs=0
autorestart=false
[program:waits]
command={children}/stays.sh
autostart=false
`,
    steps: [
      { waitFor: 'runs', state: 'RUNNING' },
      { waitFor: 'fails', state: 'FATAL' },
      { waitFor: 'ends', state: 'EXITED' },
      { rpc: 'supervisor.getAllProcessInfo' },
      { http: 'GET /nothing', shows: ['Content-Type', 'Server'] },
      { signal: 'TERM' },
      { waitForEnd: true },
    ],
  },
];
