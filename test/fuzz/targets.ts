// Everything that is fuzzed.
import type { Target } from './target.ts';
import { configTargets } from './targets/config.ts';
import { httpTargets } from './targets/http.ts';
import { outputTargets } from './targets/output.ts';
import { rpcTargets } from './targets/rpc.ts';

export const targets: readonly Target[] = [...configTargets, ...rpcTargets, ...outputTargets, ...httpTargets];
