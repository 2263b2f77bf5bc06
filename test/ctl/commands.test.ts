import { expect } from 'chai';
import { ctlCommands } from '../../src/ctl/commands.ts';
import { runLine } from './fake-session.ts';

describe('the command table', () => {
  it('names each command once', () => {
    const names = ctlCommands.map(({ name }) => name);
    expect(names).to.deep.equal([...new Set(names)]);
  });

  it('has help for every command that is listed', () => {
    const listed = ctlCommands.filter(({ origin }) => origin !== 'hidden');
    for (const { name, help } of listed) expect(help[0], name).to.match(new RegExp(`^${name}( |\\t)`));
  });
});

describe('help', () => {
  it('lists supervisorctl’s commands as supervisorctl does, and ours behind them', async () => {
    const list = [
      '',
      'default commands (type help <topic>):',
      '=====================================',
      'add    exit      open  reload  restart   start   tail   ',
      'avail  fg        pid   remove  shutdown  status  update ',
      'clear  maintail  quit  reread  signal    stop    version',
      '',
      '',
      'corevisor commands (type help <topic>):',
      '=======================================',
      'healthcheck  rolling-restart  scale  why',
      '',
      '=> 0',
    ];
    for (const line of ['help', '?', ' help ']) expect(await runLine(line)).to.equal(list.join('\n'));
  });

  it('explains one command', async () => {
    expect(await runLine('help reload')).to.equal('reload \t\tRestart the remote supervisord.\n=> 0');
    expect(await runLine('help help')).to.equal(
      'help\t\tPrint a list of available actions\nhelp <action>\tPrint help for <action>\n=> 0',
    );
    expect(await runLine('help maintail')).to.match(/supervisor main log file\n\n=> 0$/);
  });

  it('has none on what is no command', async () => {
    for (const topic of ['nope', 'EOF', 'start stop']) {
      expect(await runLine(`help ${topic}`)).to.equal(`*** No help on ${topic}\n=> 0`);
    }
  });
});
