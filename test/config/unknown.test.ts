import { expect } from 'chai';
import { configError, makeConfig, withoutDirectory } from '../support/make-config.ts';

const all = `[program:web]
command=x
autorestrat=true
frobnicate=1
[programm:api]
[program]
[PROGRAM:x]
[supervisorctl]
serverurl=x
[ctlplugin:x]
anything=1
[elsewhere]
`;

describe('what nobody reads', () => {
  it('is warned about with its place and a guess', () => {
    expect(makeConfig(all).messages.map(({ level, text }) => `${level} ${withoutDirectory(text)}`)).to.deep.equal([
      'warn DIR/supervisord.conf:4: unknown option autorestrat in [program:web], did you mean autorestart?',
      'warn DIR/supervisord.conf:5: unknown option frobnicate in [program:web]',
      'warn DIR/supervisord.conf:6: unknown section [programm:api], did you mean [program:api]?',
      'warn DIR/supervisord.conf:7: unknown section [program], did you mean [program:NAME]?',
      'warn DIR/supervisord.conf:8: unknown section [PROGRAM:x], did you mean [program:x]?',
      'warn DIR/supervisord.conf:13: unknown section [elsewhere]',
    ]);
  });

  it('is an error with strict=true', () => {
    const error = configError(`strict=true\n${all}`);
    expect(error.message).to.equal('unknown option autorestrat in [program:web], did you mean autorestart?');
    expect(error.detail).to.equal('DIR/supervisord.conf:5: [program:web] autorestrat');
  });
});

describe('strict=true', () => {
  const web = '[program:web]\ncommand=x\nnumprocs=2\nprocess_name=%(process_num)d\n[upstream:web]\n';
  const errors: readonly (readonly [string, string])[] = [
    ['[inet_http_server]\nport=9001', '[inet_http_server] listens off loopback without a password'],
    ['logfile=/tmp/x\nlogfile_maxbytes=0', '[supervisord] has a logfile that is never rotated'],
    [
      '[program:web]\ncommand=x\nstdout_logfile=/tmp/x\nstdout_logfile_maxbytes=0',
      '[program:web] has a stdout_logfile that is never rotated',
    ],
    [`${web}server=127.0.0.1:8000`, 'web:0 and web:1 listen on the same port 8000'],
    [
      `${web}server=127.0.0.1:800%(process_num)d\n[inet_http_server]\nport=localhost:8001`,
      '[inet_http_server] and web:1 listen on the same port 8001',
    ],
    [
      '[fcgi-program:a]\ncommand=x\nsocket=tcp://127.0.0.1:9\n[fcgi-program:b]\ncommand=x\nsocket=tcp://localhost:9',
      '[fcgi-program:a] and [fcgi-program:b] listen on the same port 9',
    ],
  ];
  for (const [text, message] of errors) {
    it(`refuses what is fine without: ${message}`, () => {
      expect(() => makeConfig(text)).not.to.throw();
      const error = configError(`strict=true\n${text}`);
      expect(error.message).to.equal(message);
      expect(error.detail).to.match(/^DIR\/supervisord\.conf:\d+: \[/);
    });
  }

  it('accepts a configuration that is as it should be', () => {
    const text = `strict=true\nlogfile=/dev/null\nlogfile_maxbytes=0\n${web}server=127.0.0.1:800%(process_num)d\n[inet_http_server]\nport=127.0.0.1:9001\n`;
    expect(() => makeConfig(text)).not.to.throw();
  });
});
