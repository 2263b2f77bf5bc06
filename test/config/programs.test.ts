import { expect } from 'chai';
import type { ProcessConfig } from '../../src/config/programs.ts';
import { configError, makeConfig } from '../support/make-config.ts';

describe('the processes of a program', () => {
  it('has one process with supervisord’s defaults', () => {
    const [process] = processesOf('[program:web]\ncommand=node server.js\n');
    expect(process).to.deep.include({ name: 'web', program: 'web', number: 0, section: 'program:web' });
    expect(process?.options).to.deep.equal({
      command: 'node server.js',
      process_name: 'web',
      numprocs: 1,
      numprocs_start: 0,
      numprocs_max: null,
      priority: 999,
      autostart: true,
      autorestart: 'unexpected',
      startsecs: 1,
      startretries: 3,
      exitcodes: [0],
      essential: false,
      restart_delay: 0,
      restart_delay_max: 30,
      restart_limit: null,
      health: null,
      health_interval: 10,
      health_timeout: 2,
      health_retries: 3,
      health_start_period: 0,
      health_stopwaitsecs: 1,
      memory_limit: null,
      stopsignal: 15,
      stopwaitsecs: 10,
      stopasgroup: false,
      killasgroup: false,
      stopastree: false,
      killastree: false,
      node_preload: false,
      user: null,
      redirect_stderr: false,
      stdout_logfile: { kind: 'auto' },
      stdout_logfile_maxbytes: 52428800,
      stdout_logfile_backups: 10,
      stdout_capture_maxbytes: 0,
      stdout_events_enabled: false,
      stdout_syslog: false,
      stderr_logfile: { kind: 'auto' },
      stderr_logfile_maxbytes: 52428800,
      stderr_logfile_backups: 10,
      stderr_capture_maxbytes: 0,
      stderr_events_enabled: false,
      stderr_syslog: false,
      environment: {},
      depends_on: [],
      env_file: [],
      directory: null,
      umask: null,
      serverurl: null,
    });
  });

  it('makes numprocs processes from numprocs_start, sorted by name as text', () => {
    const processes = processesOf(
      '[program:web]\ncommand=serve %(process_num)d of %(numprocs)d\n' +
        'process_name=%(program_name)s_%(process_num)d\nnumprocs=3\nnumprocs_start=9\n',
    );
    expect(processes.map(({ name, number, options }) => [name, number, options.command])).to.deep.equal([
      ['web_10', 10, 'serve 10 of 3'],
      ['web_11', 11, 'serve 11 of 3'],
      ['web_9', 9, 'serve 9 of 3'],
    ]);
  });

  it('makes no process of numprocs=0, not even a command is wanted', () => {
    expect(processesOf('[program:web]\nnumprocs=0\n')).to.deep.equal([]);
  });

  it('makes one process for each CPU of numprocs=auto, and says why', () => {
    const { groups, messages } = makeConfig(`[program:web]\nnumprocs=auto\nnumprocs_start=8000\n${perCore}`, {
      cpus: { count: 2, reason: 'cpu quota 1.5, affinity 4' },
    });
    expect(groups[0]?.processes.map(({ name, options }) => [name, options.environment])).to.deep.equal([
      ['web-8000', { PORT: '8000' }],
      ['web-8001', { PORT: '8001' }],
    ]);
    expect(groups[0]?.processes[0]?.options.numprocs).to.equal(2);
    expect(messages).to.deep.equal([{ level: 'info', text: 'web: 2 processes (cpu quota 1.5, affinity 4)' }]);
  });

  it('makes no more than numprocs_max of numprocs=auto', () => {
    const { groups, messages } = makeConfig(`[program:web]\nnumprocs=auto\nnumprocs_max=1\n${perCore}`);
    expect(groups[0]?.processes).to.have.lengthOf(1);
    expect(messages[0]?.text).to.equal('web: 1 process (affinity 4; numprocs_max 1)');
  });

  it('knows the number of CPUs as a name, before any cap', () => {
    const config = '[program:web]\nnumprocs=auto\nnumprocs_max=2\ncommand=nginx -g "worker_processes %(cpus)d"\n';
    const [process] = processesOf(`${config}process_name=%(process_num)d\n`);
    expect(process?.options.command).to.equal('nginx -g "worker_processes 4"');
  });

  it('wants a number in the names of several processes, and always with auto', () => {
    const text = '%(process_num) must be present within process_name when numprocs > 1';
    for (const numprocs of ['2', 'auto']) {
      const error = configError(`[program:web]\ncommand=x\nnumprocs=${numprocs}\n`, { cpus: { count: 1, reason: '' } });
      expect(error.message).to.equal(`${text} in section 'program:web' (file: 'DIR/supervisord.conf')`);
      expect(error.detail).to.contain('[program:web] process_name; accepted: a name with %(process_num)d');
    }
  });

  it('puts the environment of [supervisord] under the program’s own', () => {
    const [process] = processesOf(
      'environment=A=1,B=2\n[program:web]\ncommand=%(ENV_A)s %(ENV_B)s %(ENV_GREETING)s\nenvironment=B=3\n',
    );
    expect(process?.options.environment).to.deep.equal({ A: '1', B: '3' });
    expect(process?.options.command).to.equal('1 3 hello');
  });

  it('lets environment name the process', () => {
    const [process] = processesOf('[program:web]\ncommand=x\nenvironment=ME="%(program_name)s-%(process_num)02d"\n');
    expect(process?.options.environment).to.deep.equal({ ME: 'web-00' });
  });

  it('expands log files twice, so that a percent sign takes four', () => {
    const [process] = processesOf('[program:web]\ncommand=x\nstdout_logfile=/tmp/%%%%-%(process_num)d\n');
    expect(process?.options.stdout_logfile).to.deep.equal({ kind: 'file', path: '/tmp/%-0' });
  });

  it('finds env_file beside the file that names it, and knows which may be missing', () => {
    const { groups } = makeConfig({
      'supervisord.conf': '[supervisord]\n[include]\nfiles=conf.d/*.conf\n',
      'conf.d/web.conf': '[program:web]\ncommand=x\nenv_file=-%(program_name)s.env, /run/secrets/web\n',
    });
    const [file, secret] = groups[0]?.processes[0]?.options.env_file ?? [];
    expect(file?.path).to.match(/\/conf\.d\/web\.env$/);
    expect(file?.optional).to.equal(true);
    expect(secret).to.deep.equal({ path: '/run/secrets/web', optional: false });
  });

  it('lets killasgroup follow stopasgroup', () => {
    const [process] = processesOf('[program:web]\ncommand=x\nstopasgroup=true\n');
    expect(process?.options.killasgroup).to.equal(true);
  });

  it('knows AUTO as no server url', () => {
    expect(processesOf('[program:web]\ncommand=x\nserverurl=auto\n')[0]?.options.serverurl).to.equal(null);
  });

  it('turns a log file named syslog into the option, with supervisord’s warning', () => {
    const { groups, messages } = makeConfig('[program:web]\ncommand=x\nstdout_logfile=syslog\n');
    expect(groups[0]?.processes[0]?.options).to.deep.include({ stdout_logfile: { kind: 'none' }, stdout_syslog: true });
    expect(messages[0]?.text).to.equal(
      'For [program:web], stdout_logfile=syslog but this is deprecated and will be removed.  ' +
        'Use stdout_syslog=true to enable syslog instead.',
    );
  });

  it('warns of AUTO logs that are never rotated', () => {
    const { messages } = makeConfig('[program:web]\ncommand=x\nstdout_logfile_maxbytes=0\n');
    expect(messages.map(({ text }) => text)).to.deep.equal([
      'For [program:web], AUTO logging used for stdout_logfile without rollover, ' +
        'set maxbytes > 0 to avoid filling up filesystem unintentionally',
    ]);
  });

  it('drops a stderr log that goes to stdout, and says so', () => {
    const { groups, messages } = makeConfig('[program:web]\ncommand=x\nredirect_stderr=true\nstderr_logfile=/tmp/x\n');
    expect(groups[0]?.processes[0]?.options.stderr_logfile).to.deep.equal({ kind: 'none' });
    expect(messages.map(({ text }) => text)).to.deep.equal([
      'For [program:web], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored',
    ]);
  });

  const errors: readonly (readonly [string, string, string])[] = [
    [
      '[program:web]',
      'program section program:web does not specify a command',
      'DIR/supervisord.conf:2: [program:web] command',
    ],
    [
      '[program:web]\ncommand=x\nautostart=maybe',
      "not a valid boolean value: 'maybe'",
      'DIR/supervisord.conf:4: [program:web] autostart=maybe; accepted: true, false, yes, no, on, off, 1, 0',
    ],
    [
      '[program:web]\ncommand=x\nstopasgroup=true\nkillasgroup=false',
      'Cannot set stopasgroup=true and killasgroup=false',
      'DIR/supervisord.conf:5: [program:web] killasgroup=false',
    ],
    [
      '[program:web]\ncommand=x\nstopastree=true\nkillastree=false',
      'Cannot set stopastree=true and killastree=false',
      'DIR/supervisord.conf:5: [program:web] killastree=false',
    ],
    [
      '[program:web]\ncommand=x\nrestart_delay=31',
      'restart_delay 31 is above restart_delay_max 30',
      'DIR/supervisord.conf:4: [program:web] restart_delay=31; accepted: up to 30 seconds, or a higher restart_delay_max',
    ],
    [
      '[program:web]\ncommand=x\nenv_file=a,,b',
      "not a valid list of paths: 'a,,b'",
      'DIR/supervisord.conf:4: [program:web] env_file=a,,b; accepted: paths, separated by commas',
    ],
    [
      '[program:web]\ncommand=x\nrestart_limit=10',
      "not a valid restart limit: '10'",
      'DIR/supervisord.conf:4: [program:web] restart_limit=10; accepted: exits/seconds, such as 10/60',
    ],
    [
      '[program:web]\ncommand=x\nprocess_name=a/b',
      "Invalid name: 'a/b' because of character: '/'",
      'DIR/supervisord.conf:4: [program:web] process_name=a/b',
    ],
    [
      '[program:web]\ncommand=x\nenvironment=TOKEN=hunter@2',
      "Unexpected end of key/value pairs in value 'TOKEN=***'",
      'DIR/supervisord.conf:4: [program:web] environment=TOKEN=***',
    ],
    [
      '[program:web]\ncommand=x\nenvironment=TOKEN="hunter2%"',
      "Format string 'TOKEN=***' for 'environment' is badly formatted: unsupported format character '\"' (0x22) at index 15",
      'DIR/supervisord.conf:4: [program:web] environment=TOKEN=***',
    ],
    [
      '[program:web]\ncommand=x\nuser=nosuch',
      'Invalid user name nosuch',
      'DIR/supervisord.conf:4: [program:web] user=nosuch',
    ],
  ];
  for (const [text, message, detail] of errors) {
    it(`says that ${message}, where, and in which file`, () => {
      const error = configError(text);
      expect(error.message).to.equal(`${message} in section 'program:web' (file: 'DIR/supervisord.conf')`);
      expect(error.detail.slice(0, detail.length)).to.equal(detail);
    });
  }

  it('names the file of an included section', () => {
    const error = configError({
      'supervisord.conf': '[supervisord]\n[include]\nfiles=conf.d/*.conf\n',
      'conf.d/web.conf': '[program:web]\ncommand=x\nstartsecs=soon\n',
    });
    expect(error.message).to.equal(
      "invalid literal for int() with base 10: 'soon' in section 'program:web' (file: 'DIR/conf.d/web.conf')",
    );
    expect(error.detail).to.equal('DIR/conf.d/web.conf:3: [program:web] startsecs=soon; accepted: a whole number');
  });
});

const perCore = 'command=x\nprocess_name=%(program_name)s-%(process_num)d\nenvironment=PORT="%(process_num)d"\n';

function processesOf(text: string): readonly ProcessConfig[] {
  return makeConfig(text).groups.flatMap(({ processes }) => processes);
}
