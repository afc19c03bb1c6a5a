import { type Script, script } from './script.ts';

/** KEYS: a hash. ARGV: name, amount, name, amount, … */
export const addStatistics: Script = script(`
for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1`);
