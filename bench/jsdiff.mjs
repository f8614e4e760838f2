// Compares the pairs that come on standard input, one JSON object a line, and prints parts and the process time of each.
import { createInterface } from 'node:readline';
import { diffWordsWithSpace } from 'diff';

const LIMIT_MS = 5000; // for some pairs it takes minutes; past this it gives no answer, and all of both texts counts as changed
const whole = (old, changed) => [{ removed: true, value: old }, { added: true, value: changed }];
const spent = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
for (let round = 0; round < 20; round += 1) diffWordsWithSpace('We may share it with partners.', 'We must not share it.');
for await (const line of createInterface({ input: process.stdin })) {
  const { old, new: changed } = JSON.parse(line);
  const begin = spent();
  const parts = diffWordsWithSpace(old, changed, { timeout: LIMIT_MS }) ?? whole(old, changed);
  const ms = spent() - begin;
  process.stdout.write(`${JSON.stringify({ ms, parts: parts.map((part) => [part.added ? 1 : part.removed ? -1 : 0, part.value]) })}\n`);
}
