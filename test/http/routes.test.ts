import { expect } from 'chai';
import { findRoute, routes } from '../../src/http/routes.ts';

describe('finding a route', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/RPC2', '/RPC2'],
    ['/RPC2/x', '/RPC2'],
    ['/logtail/web:a/stderr', '/logtail'],
    ['/mainlogtail', '/mainlogtail'],
    ['/livez', '/livez'],
    ['/livez/', ''],
    ['/readyz', '/readyz'],
    ['/readyzz', ''],
    ['/', '/'],
    ['//index.html', '/index.html'],
    ['/index.html/', ''],
    ['/tail.html', '/tail.html'],
    ['/stylesheets/supervisor.css', '/stylesheets/'],
    ['/stylesheets', ''],
    ['/../RPC2', ''],
    ['', ''],
    ['RPC2', ''],
  ];
  for (const [path, route] of cases) {
    it(`takes ${JSON.stringify(path)} to ${route}`, () => expect(findRoute(path).path).to.equal(route));
  }

  it('asks for no authentication at the probes alone', () => {
    const open = routes.filter(({ access }) => access === 'anybody').map(({ path }) => path);
    expect(open).to.deep.equal(['/livez', '/readyz']);
    expect(findRoute('/anything').access).to.equal('user');
  });
});
