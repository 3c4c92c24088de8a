// Minifies one script: `node minify.cjs BUNDLE SCRIPT` prints it. Runs terser's bundle alone, whose hash the build has
// checked, and none of the packages that terser's own command and its source maps would load.
"use strict";

const fs = require("fs");
const vm = require("vm");

const [bundle, script] = process.argv.slice(2);
const options = {
  toplevel: true,
  ecma: 2017,
  compress: { passes: 3, ecma: 2017, unsafe_arrows: true },
  mangle: true,
};

vm.runInThisContext(fs.readFileSync(bundle, "utf8"), { filename: bundle });
globalThis.Terser.minify(fs.readFileSync(script, "utf8"), options).then(
  (minified) => process.stdout.write(minified.code),
  (error) => {
    process.stderr.write(`${error.message} (line ${error.line}, column ${error.col})\n`);
    process.exitCode = 1;
  },
);
