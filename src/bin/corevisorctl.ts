// The control client's executable. It ends with process.exit: what was printed is written already, and a connection or
// an input that is still open is nothing to wait for.

import { runCtl } from '../ctl/shell.ts';
import { createUsers } from '../os/users.ts';

const [, name = 'corevisorctl', ...argv] = process.argv;
void runCtl({ argv, name, environment: process.env, users: createUsers() }).then((status) => process.exit(status));
