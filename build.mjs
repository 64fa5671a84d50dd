/* Builds the front end: `node build.mjs` once, `node build.mjs --watch` while working, `node build.mjs app` one part.
 *
 * What is built follows from where a file lies, so adding a page's script needs no line here:
 *   static/js/<name>.js            → static/dist/<name>.js
 *   static/js/<name>/index.js      → static/dist/<name>.js
 *   static/css/{tokens,base,components}.css + static/css/pages/*.css + static/css/print.css  → static/dist/app.css
 *   static/icons/icons.svg         → static/dist/icons.svg
 * Names carry no hash: Django's manifest storage adds one when static files are collected.
 */
import { readdirSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import * as esbuild from "esbuild";

const OUT = "static/dist";
const COMPRESSED = [".gz", ".br"];
const watching = process.argv.includes("--watch");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));

function scripts() {
  const entries = readdirSync("static/js", { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => `static/js/${name}`);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `static/js/${name}`);
  return [
    ...files.filter((file) => file.endsWith(".js")).map((file) => ({ in: file, out: basename(file, ".js") })),
    ...folders
      .filter((folder) => existsSync(`${folder}/index.js`))
      .map((folder) => ({ in: `${folder}/index.js`, out: basename(folder) })),
  ];
}

/* One style sheet, in cascade order: the page sheets in the order of their names, and last what holds on paper. */
const styleSheet = {
  name: "style-sheet",
  setup(build) {
    build.onResolve({ filter: /^app\.css$/ }, () => ({ path: "app.css", namespace: "style-sheet" }));
    build.onLoad({ filter: /.*/, namespace: "style-sheet" }, () => {
      const pages = readdirSync("static/css/pages").filter((file) => file.endsWith(".css")).sort();
      const parts = ["tokens.css", "base.css", "components.css", ...pages.map((file) => `pages/${file}`), "print.css"];
      return {
        contents: parts.map((part) => `@import "./${part}";`).join("\n"),
        loader: "css",
        resolveDir: "static/css",
        watchDirs: ["static/css", "static/css/pages"],
      };
    });
  },
};

/* KaTeX names each font in three formats; every browser we serve reads the first. */
const oneFontFormat = {
  name: "one-font-format",
  setup(build) {
    build.onLoad({ filter: /katex\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\([^)]*\)/g, ""),
      loader: "css",
    }));
  },
};

/* The web server sends <file>.br or <file>.gz where it finds one. While watching there is none: it would be stale. */
async function compress(file) {
  if (watching) return COMPRESSED.forEach((suffix) => rmSync(file + suffix, { force: true }));
  const bytes = readFileSync(file);
  const results = await Promise.all([promisify(gzip)(bytes, { level: 9 }), promisify(brotliCompress)(bytes)]);
  COMPRESSED.forEach((suffix, index) => writeFileSync(file + suffix, results[index]));
  const sizes = [bytes, ...results].map(({ length }) => (length / 1000).toFixed(1).padStart(8));
  console.log(`${sizes.join("")}  ${file}`);
}

/* Only a build that worked throws away what an earlier one left: a mistake never takes the pages' style away. */
function removeLeftovers(metafile) {
  const built = new Set(Object.keys(metafile.outputs).flatMap((file) => [file, ...COMPRESSED.map((end) => file + end)]));
  const files = readdirSync(OUT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, path, name } of files) {
    const file = `${parentPath ?? path}/${name}`;
    if (!built.has(file)) rmSync(file);
  }
}

const compressAll = {
  name: "compress-all",
  setup(build) {
    build.onEnd(async ({ errors, metafile }) => {
      if (errors.length > 0) return;
      console.log(["kB", "gzip", "brotli"].map((heading) => heading.padStart(8)).join(""));
      const files = Object.keys(metafile.outputs).filter((file) => /\.(js|css|svg)$/.test(file)).sort();
      for (const file of files) await compress(file);
    });
  },
};

const entryPoints = [...scripts(), { in: "app.css", out: "app" }, { in: "static/icons/icons.svg", out: "icons" }];
const context = await esbuild.context({
  entryPoints: entryPoints.filter(({ out }) => wanted.length === 0 || wanted.includes(out)),
  entryNames: "[name]",
  assetNames: "fonts/[name]",
  outdir: OUT,
  bundle: true,
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  metafile: true,
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"],
  loader: { ".woff2": "file", ".svg": "copy" },
  legalComments: "none",
  logLevel: "warning",
  plugins: [styleSheet, oneFontFormat, compressAll],
});

if (watching) {
  await context.watch();
  console.log("Watching static/css and static/js.");
} else {
  // What is wrong has been printed by then; a stack trace of the builder helps nobody.
  const { metafile } = await context.rebuild().catch(() => process.exit(1));
  if (wanted.length === 0) removeLeftovers(metafile);
  await context.dispose();
}
