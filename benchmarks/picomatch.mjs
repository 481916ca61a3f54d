// picomatch as dorny/paths-filter uses it, for engines.py, which says what is given and printed:
// a matcher a pattern, `dot: true`, and a filter matches when some of its matchers do.
import { readFileSync } from "node:fs";

import picomatch from "picomatch";

const { lists, paths: file, budget, sample } = JSON.parse(process.argv[1]);
const filters = JSON.parse(readFileSync(lists, "utf8")).picomatch;
const paths = readFileSync(file, "utf8").split("\0").slice(0, -1);
const seconds = () => performance.now() / 1000;
const step = Math.max(1, Math.floor(paths.length / sample));
const sampled = paths.filter((_, number) => number % step === 0);

// Some hundred paths at a time, from all over the tree, until the time is up.  The first time
// regular expressions become machine code: that belongs to getting ready and is not scaled.
const stride = Math.max(1, Math.floor(paths.length / 100));
const chunk = (first) =>
  Array.from(
    { length: Math.ceil((paths.length - first) / stride) },
    (_, number) => paths[first + number * stride],
  );
const started = seconds();
const compiled = filters.map((patterns) => patterns.map((one) => picomatch(one, { dot: true })));
const match = (given) =>
  compiled.map((some) => given.filter((path) => some.some((matches) => matches(path))));
match(chunk(0));
const ready = seconds();
let asked = 0;
for (let first = 0; first < stride && (!asked || seconds() - ready < budget); first++) {
  const given = chunk(first);
  match(given);
  asked += given.length;
}
const ended = seconds();
const woken = sampled.map((path) =>
  compiled.flatMap((some, number) => (some.some((matches) => matches(path)) ? [number] : [])),
);
console.log(JSON.stringify({ compile: ready - started, pass: ended - ready, asked, woken }));
