#!/usr/bin/env node
// What is called as corevisord and corevisorctl: runs the bundle of that name beside it, `corevisord.main.cjs`.

import { fromCache } from './compiled.ts';

const path = __filename.replace(/\.cjs$/, '.main.cjs');
const main = fromCache(path);
if (main === null) require(path);
else main(exports, require, module, path, __dirname);
